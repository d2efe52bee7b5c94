// Requests answered by threads that share one model, each with a Predictor of its own.
#pragma once

#include <atomic>
#include <seqlstm/infer/predictor.hpp>
#include <seqlstm/nn/sequential.hpp>
#include <thread>
#include <vector>

namespace bench {

/// README's network.
inline auto served_network() {
  using namespace seqlstm;
  return sequential(embedding(16), lstm({.hidden = 64, .bidirectional = true}), concat(last(), max(), mean()),
                    batch_norm(), dropout(0.3), dense(64), relu(), dense(1));
}

/// That network, and requests of 20 to 500 letters.
class Server {
 public:
  Server() {
    net_.build({.vocabulary = 4, .seed = 1});
    seqlstm::RandomStream random(3);
    for (auto& request : requests_) {
      request.resize(20 + random.below(481));
      for (auto& token : request) token = static_cast<seqlstm::Token>(random.below(4));
    }
  }
  [[nodiscard]] std::size_t requests() const { return requests_.size(); }

  /// Answers all requests once on so many threads; the sum of the answers.
  double serve(std::size_t threads) {
    std::atomic<std::size_t> next = 0;
    std::vector<double> answers(requests_.size());
    const auto work = [&] {
      seqlstm::Predictor predictor(std::as_const(net_), seqlstm::bce_with_logits());
      for (std::size_t i = next++; i < requests_.size(); i = next++) answers[i] = predictor(requests_[i])[0];
    };
    std::vector<std::thread> others;
    for (std::size_t t = 1; t < threads; ++t) others.emplace_back(work);
    work();
    for (auto& thread : others) thread.join();
    double sum = 0;
    for (const double answer : answers) sum += answer;
    return sum;
  }

 private:
  decltype(served_network()) net_ = served_network();
  std::vector<std::vector<seqlstm::Token>> requests_ = std::vector<std::vector<seqlstm::Token>>(200);
};

}  // namespace bench
