"""The conformance kit for optimizers, strategies for property tests, and drift of goldens."""
