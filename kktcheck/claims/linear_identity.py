"""Remark B.1: doing nothing, linear predictors."""
