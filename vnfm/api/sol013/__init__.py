"""What SOL013 asks of lists: attribute filters (5.2), attribute selectors (5.3), paging (5.4).

``parameters`` reads a query string, ``paths`` the attribute paths in it, ``filters`` filter expressions.
``schema`` knows a resource's type from its specification; ``conditions`` judges a filter by it, ``values``
what is compared, ``selection`` a selector. ``markers`` leads from page to page, and ``listing`` is what the
handlers of lists call.
"""
