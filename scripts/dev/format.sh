#!/usr/bin/env bash
# formats every C++ file
# format
ensure_packages
step format "formatting C++ files" bash -c "git ls-files -co --exclude-standard -- '*.h' '*.cc' | xargs -r clang-format-19 -i"
