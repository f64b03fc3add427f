"""Use-cases: one module per subject, one function per verb. Thin callers (API, pages) sit on top."""
