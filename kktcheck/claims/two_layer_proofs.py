"""Steps of the proofs of Lemmas C.1 to C.6."""
