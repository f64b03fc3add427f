"""The orchestrator as this VNFM sees it: grants (SOL003 clause 9) and VNF packages (SOL003 clause 10)."""
