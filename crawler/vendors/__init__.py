"""Vendors: what each takes, how to send it, and what its answer means. Knows no store and no alert.

The process that sends imports this room and nothing else of ours, so that it starts fast.
"""
