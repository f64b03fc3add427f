"""Sample VNF packages for the demo and the tests."""

from vnfm.sandbox.packages.catalogue import build_sample, list_samples

__all__ = ["build_sample", "list_samples"]
