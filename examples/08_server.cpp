// A server: four threads answer from one model, each with a Predictor of its own; nobody waits for anybody.
#include <seqlstm/lstm.hpp>

#include <atomic>
#include <iostream>
#include <thread>

using namespace seqlstm;

int main() {
  // The model, trained or loaded beforehand; const from here on.
  auto trained = sequential(embedding(8), lstm({.hidden = 64, .bidirectional = true}), last(), dense(1));
  trained.build({.vocabulary = dna4.size(), .seed = 1});
  const auto& model = trained;

  // Requests of 20 to 200 letters.
  RandomStream random(5);
  std::vector<std::vector<Token>> requests(400);
  for (auto& request : requests)
    for (std::size_t k = 20 + random.below(181); k > 0; --k)
      request.push_back(static_cast<Token>(random.below(4)));

  std::vector<double> answers(requests.size());
  std::atomic<std::size_t> next = 0;
  const auto serve = [&] {
    Predictor predictor(model, bce_with_logits());  // its memory is this thread's
    for (std::size_t i = next++; i < requests.size(); i = next++) answers[i] = predictor(requests[i])[0];
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(serve);
  for (auto& thread : threads) thread.join();

  // One thread says the same, to the last bit.
  Predictor alone(model, bce_with_logits());
  std::size_t equal = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) equal += alone(requests[i])[0] == answers[i] ? 1 : 0;
  std::cout << equal << " of " << requests.size() << " answers are those of one thread\n";
}

// Output:
// 400 of 400 answers are those of one thread
