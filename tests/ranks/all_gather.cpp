#include <seqlstm/ranks/all_gather.hpp>

#include <seqlstm/ranks/thread_ranks.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;

TEST_CASE("all_gather: parts follow each other, differ by one number at most, and may be empty") {
  for (const std::size_t n : {0U, 1U, 5U, 64U, 1001U})
    for (const std::size_t ranks : {1U, 2U, 3U, 8U}) {
      std::size_t end = 0;
      for (std::size_t rank = 0; rank < ranks; ++rank) {
        const IndexRange part = rank_part(n, rank, ranks);
        CHECK(part.begin == end);
        CHECK(part.end - part.begin <= n / ranks + 1);
        CHECK(part.end - part.begin >= n / ranks);
        end = part.end;
      }
      CHECK(end == n);
    }
}

TEST_CASE("all_gather: every rank has all numbers, whatever the lengths and pieces") {
  const std::vector<std::size_t> sizes = {17, 0, 1, 2, 300, 5};
  for (const std::size_t piece : {1U, 7U, 50U, 1000U})
    for (const std::size_t ranks : {1U, 2U, 3U, 5U, 8U}) {
      std::vector<int> right(ranks);
      std::vector<std::uint64_t> sent(ranks);
      run_as_ranks(ranks, [&](Communicator& communicator) {
        AllGather<double> others(communicator, piece);
        for (int round = 1; round <= 2; ++round) {
          std::vector<std::vector<double>> vectors;
          std::vector<std::span<double>> spans;
          for (const std::size_t size : sizes) {
            auto& vector = vectors.emplace_back(size, -1.0);
            const IndexRange own = rank_part(size, communicator.rank(), ranks);
            for (std::size_t i = own.begin; i < own.end; ++i)
              vector[i] = static_cast<double>(1000 * vectors.size() + i) * round;
          }
          for (auto& vector : vectors) spans.emplace_back(vector);
          others.gather(spans);
          bool equal = true;
          for (std::size_t v = 0; v < vectors.size(); ++v)
            for (std::size_t i = 0; i < vectors[v].size(); ++i)
              equal = equal && vectors[v][i] == static_cast<double>(1000 * (v + 1) + i) * round;
          right[communicator.rank()] += equal ? 1 : 0;
        }
        sent[communicator.rank()] = others.traffic().bytes_sent;
      });
      INFO(ranks << " ranks, piece " << piece);
      CHECK(right == std::vector<int>(ranks, 2));
      std::uint64_t all = 0;
      for (const auto bytes : sent) all += bytes;
      CHECK(all == 2 * 325 * sizeof(double) * (ranks - 1));
    }
}

TEST_CASE("all_gather: rank 0 alone gets a whole vector, in pieces") {
  for (const std::size_t n : {0U, 1U, 100U}) {
    std::vector<std::vector<float>> found(3);
    run_as_ranks(3, [&](Communicator& communicator) {
      const IndexRange own = rank_part(n, communicator.rank(), 3);
      std::vector<float> part;
      for (std::size_t i = own.begin; i < own.end; ++i) part.push_back(static_cast<float>(i));
      const auto whole = AllGather<float>(communicator, 7).at_root(part, n);
      found[communicator.rank()] = {whole.span().begin(), whole.span().end()};
    });
    std::vector<float> expected(n);
    for (std::size_t i = 0; i < n; ++i) expected[i] = static_cast<float>(i);
    CHECK(found[0] == expected);
    CHECK(found[1].empty());
    CHECK(found[2].empty());
  }
}

TEST_CASE("all_gather: where a rank fails the others hear of it") {
  CHECK(support::message_of<Error>([] {
          run_as_ranks(3, [](Communicator& communicator) {
            std::vector<double> numbers(100);
            std::span<double> span(numbers);
            AllGather<double> others(communicator);
            if (communicator.rank() == 2) throw option_error("no more");
            others.gather({&span, 1});
          });
        }) == "no more");
}

TEST_CASE("all_gather: a piece of no numbers is refused") {
  CHECK(support::message_of<option_error>([] {
          AllGather<float> none(single_process(), 0);
        }).starts_with("piece is 0 numbers, expected 1 to "));
}
