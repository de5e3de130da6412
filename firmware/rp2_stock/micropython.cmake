# No module of ours: this only empties the mbedtls target, whose sources Debian leaves out.
set_property(TARGET micropy_lib_mbedtls PROPERTY INTERFACE_SOURCES "")
set_property(TARGET micropy_lib_mbedtls PROPERTY INTERFACE_INCLUDE_DIRECTORIES "")
