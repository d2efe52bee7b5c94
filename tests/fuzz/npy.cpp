// Arrays of NumPy. After a first byte of 1, 2 or 3 the rest is the header of an .npy file, a line end and
// data, and magic and length are made to fit that version of the format.
#include <cstring>
#include <seqlstm/io/npy.hpp>

#include "npy_bytes.hpp"

FUZZ_TARGET(npy) {
  const unsigned version = fuzz::take_byte(bytes) % 4U;
  const std::string image = version == 0 ? std::string(bytes) : fuzz::npy(bytes, version);
  const auto array = seqlstm::io::read_npy<double>(fuzz::memory_file(image));
  fuzz::require(array.shape.size() <= 8, "no more dimensions than are read");
  fuzz::require(array.values.size() <= image.size(), "no number that the file does not hold");
  if (!array.values.empty())
    fuzz::require(seqlstm::checked_product(array.shape) == array.values.size(), "a number for every place");
  const std::string copy = fuzz::scratch_file("copy.npy");
  fuzz::require(fuzz::accepts([&] { seqlstm::io::write_npy(copy, array); }), "what was read is written");
  seqlstm::io::NumericArray<double> again;
  fuzz::require(fuzz::accepts([&] { again = seqlstm::io::read_npy<double>(copy); }),
                "what was written is read");
  fuzz::require(again.shape == array.shape, "a shape is read as it was written");
  fuzz::require(array.values.empty() || std::memcmp(again.values.data(), array.values.data(),
                                                    array.values.size() * sizeof(double)) == 0,
                "numbers are read as they were written");
}
