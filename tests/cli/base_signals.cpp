// Signals in .npy files, read by a saved base caller: a file, a folder, and what is refused.
#include <cmath>
#include <filesystem>
#include <seqlstm/io/basecaller.hpp>
#include <seqlstm/io/npy.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;

namespace {

/// Runs `basecalling` with these options; what it printed is in `out` and `error`.
struct Run {
  int code;
  std::string out, error;

  Run(const support::TemporaryFolder& folder, const std::string& options)
      : code(std::system((std::string(SEQLSTM_EXAMPLES_DIR) + "/basecalling " + options + " > " +
                          folder.path("out") + " 2> " + folder.path("error"))
                             .c_str())),
        out(support::read_bytes(folder.path("out"))),
        error(support::read_bytes(folder.path("error"))) {}
};

}  // namespace

TEST_CASE("basecalling reads signals of .npy files with a saved model") {
  const support::TemporaryFolder folder;
  for (const BaseCode code : {BaseCode::ctc, BaseCode::crf}) {
    const auto model = folder.path("model");
    Basecaller<float> net({.stride = 2, .filters = 4, .kernel = 3, .hidden = 6, .layers = 2, .code = code});
    initialize(net, 3);
    std::vector<float> signal(101);
    for (std::size_t t = 0; t < signal.size(); ++t) signal[t] = 90 + 20 * std::sin(static_cast<float>(t * t));
    const auto standardised = standardised_signal(signal);
    SequenceDataset data;
    data.add("a", signal_frames(standardised, 2));
    io::save_basecaller(model, net, io::StoredInput(data, 0));
    const auto bases = base_letters(called_bases(predict(net, data, net.loss()), 0, code));

    std::filesystem::create_directories(folder.path("signals"));
    io::write_npy(folder.path("signals/b.npy"), {101}, signal);
    io::write_npy(folder.path("signals/a.npy"), {101}, signal);
    folder.write("signals/other.txt", "no signal");
    const std::string load = "--load " + model + " --threads 1 --predict " + folder.path("signals");
    const Run one(folder, load + "/b.npy"), all(folder, load);
    CHECK(one.code == 0);
    CHECK(one.out == ">b\n" + bases + "\n");
    CHECK(all.out == ">a\n" + bases + "\n>b\n" + bases + "\n");
    if (code == BaseCode::ctc) CHECK(Run(folder, load + "/b.npy --beam 4").out.starts_with(">b\n"));

    signal[7] = std::nanf("");
    io::write_npy(folder.path("nan.npy"), {101}, signal);
    io::write_npy(folder.path("short.npy"), {1}, std::vector<float>{1});
    io::write_npy(folder.path("table.npy"), {1, 2}, std::vector<float>{1, 2});
    std::filesystem::create_directories(folder.path("empty"));
    const auto refused = [&](const std::string& name) {
      const Run run(folder, "--load " + model + " --predict " + folder.path(name));
      CHECK(run.code == 2 * 256);
      return run.error;
    };
    CHECK_THAT(refused("nan.npy"), ContainsSubstring("nan.npy: the signal is not a number at sample 7"));
    CHECK_THAT(refused("short.npy"),
               ContainsSubstring("short.npy: the signal has 1 samples, but the network"));
    CHECK_THAT(refused("table.npy"),
               ContainsSubstring("table.npy: an array with 2 dimensions, expected one"));
    CHECK_THAT(refused("empty"), ContainsSubstring("empty: no file .npy in this folder"));
  }
}
