"""The virtualised infrastructure, seen through one port; one package per kind of VIM."""
