"""Apache CloudStack behind the VIM port; ``vim.connect`` is the way in."""

from vnfm.vim.cloudstack.vim import CloudStackVim, connect

__all__ = ["CloudStackVim", "connect"]
