# Debian 12 packages only; the list of package names is scripts/packages.txt.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(GTest REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_library(JEMALLOC jemalloc REQUIRED)

# Every program allocates by it (docs/decisions/0019); a sanitizer brings an allocator of its own.
if(NOT BILLHOOK_SANITIZE)
  link_libraries(${JEMALLOC})
endif()
