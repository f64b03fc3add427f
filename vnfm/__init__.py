"""A VNF Manager for Apache CloudStack; start with docs/architecture/README.md."""
