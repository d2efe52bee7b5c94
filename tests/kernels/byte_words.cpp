#include <seqlstm/kernels/byte_words.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Sums of `words` words, in 64 bits.
template <class Words>
void check_words(const std::vector<std::uint8_t>& left, const std::vector<std::int8_t>& right) {
  const std::size_t words = left.size() / 4, step = 4 * Words::columns;
  std::vector<std::int32_t> start(Words::columns, 5), found(Words::columns);
  auto sums = Words::load_sums(start.data());
  for (std::size_t k = 0; k < words; ++k)
    Words::add(sums, Words::left(left.data() + 4 * k), Words::right(right.data() + k * step));
  Words::store_sums(found.data(), Words::sum_of(sums, Words::load_sums(start.data())));
  for (std::size_t n = 0; n < Words::columns; ++n) {
    std::int64_t expected = 10;
    for (std::size_t k = 0; k < 4 * words; ++k)
      expected += std::int64_t{left[k]} * right[k / 4 * step + 4 * n + k % 4];
    REQUIRE(found[n] == expected);
  }
}
void check_all(const std::vector<std::uint8_t>& left, const std::vector<std::int8_t>& right) {
  check_words<kernels::PlainWords>(left, right);
#if defined(__SSE2__)
  check_words<kernels::Sse2Words>(left, right);
#endif
#if defined(__AVX2__)
  check_words<kernels::Avx2Words>(left, right);
#endif
#if defined(__AVXVNNI__)
  check_words<kernels::AvxVnniWords>(left, right);
#endif
#if defined(__AVX512BW__)
  check_words<kernels::Avx512Words>(left, right);
#endif
#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
  check_words<kernels::VnniWords>(left, right);
#endif
  check_words<kernels::BestWords>(left, right);
}

}  // namespace

TEST_CASE("byte_words: every instruction set sums exactly, the largest products too") {
  constexpr std::size_t words = 50;
  for (const int weight : {127, -127})
    check_all(std::vector<std::uint8_t>(4 * words, 255),
              std::vector<std::int8_t>(64 * words, static_cast<std::int8_t>(weight)));
  RandomStream random(3);
  std::vector<std::uint8_t> left(4 * words);
  std::vector<std::int8_t> right(64 * words);
  for (auto& v : left) v = static_cast<std::uint8_t>(random.below(256));
  for (auto& v : right) v = static_cast<std::int8_t>(static_cast<int>(random.below(255)) - 127);
  check_all(left, right);
}
