"""All state, in MongoDB; the only room that imports pymongo. One module per collection.

No function here can be called without saying whose documents are meant: the first argument is a tenant,
except where a worker claims the next operation, whosesoever it is.
"""
