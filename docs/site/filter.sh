#!/bin/sh
# A header as Doxygen reads it: what every class says in the same words is documented here, once, and a comment behind two
# members is that of both.
exec sed -E \
  -e 's|^( *)(template <class [A-Za-z]+> void fields\()|\1/// Hands every parameter, buffer and layer inside to the visitor, by name (nn/module.hpp).\n\1\2|' \
  -e 's|^( *)([A-Za-z][A-Za-z0-9_:<>]*) (\*?)([a-z_]+), (\*?)([a-z_]+);( *///<.*)|\1\2 \3\4;\7\n\1\2 \5\6;\7|' \
  -e 's|^( *)(friend (constexpr )?bool operator==\(.*= default;)|\1/// Equal in every member.\n\1\2|' "$1"
