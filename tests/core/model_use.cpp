#include <seqlstm/core/model_use.hpp>

#include <memory>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/parallel.hpp>
#include <string>
#include <thread>

#if defined(SEQLSTM_HAS_FORK)
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "support/catch.hpp"

using namespace seqlstm;
using detail::ReadsModel;
using detail::TrainsModel;

namespace {

/// What another thread gets that begins to use the model so; empty where it may.
template <class Use> std::string elsewhere(const int& model) {
  std::string said;
  std::thread([&] {
    try {
      const Use use(&model);
    } catch (const option_error& error) {
      said = error.what();
    }
  }).join();
  return said;
}
constexpr const char* trained =
    "predict: another thread trains this model; wait until fit returns, or predict with a copy of it";
constexpr const char* trained_twice =
    "fit: another thread trains this model; wait until it is done, or train a copy";
constexpr const char* predicted =
    "fit: another thread predicts with this model; wait until it is done, or train a copy";

}  // namespace

TEST_CASE("model use: many read, one trains, and nobody does both at once") {
  const int model = 0, another = 0;
  {
    const ReadsModel first(&model), second(&model);
    CHECK(elsewhere<ReadsModel>(model).empty());
    CHECK(elsewhere<TrainsModel>(model) == predicted);
    CHECK(elsewhere<TrainsModel>(another).empty());
  }
  {
    const TrainsModel training(&model);
    CHECK(elsewhere<ReadsModel>(model) == trained);
    CHECK(elsewhere<TrainsModel>(model) == trained_twice);
    CHECK(elsewhere<ReadsModel>(another).empty());
  }
  CHECK(elsewhere<TrainsModel>(model).empty());
  CHECK(elsewhere<ReadsModel>(model).empty());
}

TEST_CASE("model use: the thread that trains may read, and train in stages") {
  const int model = 0;
  const TrainsModel training(&model);
  {
    const ReadsModel judging(&model);
    const TrainsModel stage(&model);
    CHECK(elsewhere<ReadsModel>(model) == trained);
  }
  CHECK(elsewhere<ReadsModel>(model) == trained);
}

#if defined(SEQLSTM_HAS_FORK)
TEST_CASE("model use: a child begins without its parent's uses") {
  const int model = 0;
  auto training = std::make_unique<TrainsModel>(&model);
  const pid_t child = fork();
  if (child == 0) {
    bool refused = false;
    {
      const ReadsModel first(&model), second(&model);
      training.reset();  // was begun by the parent
      refused = elsewhere<TrainsModel>(model) == predicted;
    }
    const bool free = elsewhere<TrainsModel>(model).empty();
    _exit(refused && free ? 7 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(elsewhere<ReadsModel>(model) == trained);
}
#endif
