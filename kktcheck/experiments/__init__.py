"""Experiments that the command line runs: what they train and forget, their results as tables and JSON. Pictures are drawn in `kktcheck.plots`."""
