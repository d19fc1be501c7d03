"""Remark C.1: doing nothing, two-layer networks."""
