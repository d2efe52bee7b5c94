#!/bin/sh
# A header as Doxygen reads it: what every class says in the same words is documented here, once.
exec sed -E \
  -e 's|^( *)(template <class [A-Za-z]+> void fields\()|\1/// Hands every parameter, buffer and layer inside to the visitor, by name (nn/module.hpp).\n\1\2|' \
  -e 's|^( *)(friend (constexpr )?bool operator==\(.*= default;)|\1/// Equal in every member.\n\1\2|' "$1"
