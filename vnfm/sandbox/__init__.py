"""What `vnfm demo` starts: embedded mongod, CloudStack emulator, NFVO emulator, and the demo itself."""
