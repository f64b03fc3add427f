"""An NFVO for demo and tests: grants, package server, token endpoint, notification receiver.

Strict where SOL003 says "shall": it refuses what a lenient NFVO would let pass. README.md beside this file
describes the control door through which tests make it misbehave.
"""
