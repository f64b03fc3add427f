"""SOL004 packages and SOL001 descriptors in, :mod:`vnfm.domain.vnfd` out. Start at :func:`read_package`."""

from vnfm.vnfd.errors import PackageError
from vnfm.vnfd.package import Package, read_package

__all__ = ["Package", "PackageError", "read_package"]
