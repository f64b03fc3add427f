"""The rules of the house that no linter knows: ``python -m tests.house``, part of ``make check``.

One module per subject: ``source`` reads Python by its syntax tree, ``text`` reads every committed file,
``twins`` finds code that stands twice, ``pages`` follows the links of the documentation. A rule is a function
from a file, or all files, to findings; ``__main__`` lists them.
"""
