"""When, who and again – never what."""
