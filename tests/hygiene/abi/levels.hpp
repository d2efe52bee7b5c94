// The instruction set levels the ABI test compiles abi/arch.cpp for, and what each object reports.
#pragma once

#include <string_view>

struct ArchReport {
  std::string_view compiled_for;  // what the macro says inside the object
  std::string_view library;       // what the library's function says when called from the object
  std::string_view untagged;      // what a function without the library's inline namespace says
  std::string_view tag;           // the library's whole tag, as called from the object
};

namespace abi {
ArchReport x86_64();
ArchReport x86_64_v2();
ArchReport x86_64_v3();
ArchReport alderlake();
ArchReport x86_64_v4();
ArchReport cascadelake();
ArchReport cooperlake();
ArchReport icelake_server();
}  // namespace abi
