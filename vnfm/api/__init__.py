"""HTTP in, HTTP out: the APIs of ``api-specs/``. The only room that knows paths, headers, codes and links."""

import warnings

# connexion 3.3 imports starlette.testclient and jsonschema.RefResolver, which both announce their retirement
# on import; importing it here once, in silence, lets everybody else treat warnings as errors.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import connexion  # noqa: F401  (imported for its effect)
