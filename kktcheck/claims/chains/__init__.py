"""The proofs of Appendices A to D as chains: those printed, and ours where those do not carry or where more is true.

A module per group of statements. A printed chain says what is printed, link by link, broken ones included; its twin ``.../derivation`` is a proof
that works.
"""

from . import (
    linear_cosine,
    linear_identity,
    linear_identity_ours,
    linear_kkt,
    linear_kkt_ours,
    linear_lemmas,
    linear_multipliers,
    linear_quadratic,
    mixture_norms,
    mixture_products,
    mixture_theorem,
    two_layer_identity,
    two_layer_identity_printed,
    two_layer_lemmas_above,
    two_layer_lemmas_activations,
    two_layer_lemmas_below,
    two_layer_lemmas_correction,
    two_layer_lemmas_drift,
    two_layer_lemmas_totals,
    two_layer_theorems,
    two_layer_theorems_corrected,
    two_layer_theorems_printed,
    two_layer_theorems_printed_angle,
    two_layer_theorems_witness,
)

CHAINS = (
    *linear_lemmas.CHAINS,
    *linear_multipliers.CHAINS,
    *linear_kkt.CHAINS,
    *linear_kkt_ours.CHAINS,
    *linear_cosine.CHAINS,
    *linear_quadratic.CHAINS,
    *linear_identity.CHAINS,
    *linear_identity_ours.CHAINS,
    *two_layer_lemmas_correction.CHAINS,
    *two_layer_lemmas_above.CHAINS,
    *two_layer_lemmas_totals.CHAINS,
    *two_layer_lemmas_below.CHAINS,
    *two_layer_lemmas_activations.CHAINS,
    *two_layer_lemmas_drift.CHAINS,
    *two_layer_theorems.CHAINS,
    *two_layer_theorems_witness.CHAINS,
    *two_layer_theorems_corrected.CHAINS,
    *two_layer_theorems_printed.CHAINS,
    *two_layer_theorems_printed_angle.CHAINS,
    *two_layer_identity.CHAINS,
    *two_layer_identity_printed.CHAINS,
    *mixture_norms.CHAINS,
    *mixture_products.CHAINS,
    *mixture_theorem.CHAINS,
)
