// A public name that nobody documented.
#pragma once

namespace seqlstm {

struct Undocumented {
  int value = 0;
};

}  // namespace seqlstm
