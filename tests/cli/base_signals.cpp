// Signals in .npy files, read by a saved base caller: a file, a folder, and what is refused.
#include <algorithm>
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
    const auto said = predict(net, data, net.loss());
    const auto bases = base_letters(called_bases(said, 0, code));

    std::filesystem::create_directories(folder.path("signals"));
    io::write_npy(folder.path("signals/b.npy"), {101}, signal);
    io::write_npy(folder.path("signals/a.npy"), {101}, signal);
    folder.write("signals/other.txt", "no signal");
    const std::string load = "--load " + model + " --threads 1 --predict " + folder.path("signals");
    const Run one(folder, load + "/b.npy"), all(folder, load);
    CHECK(one.code == 0);
    CHECK(one.out == ">b\n" + bases + "\n");
    CHECK(all.out == ">a\n" + bases + "\n>b\n" + bases + "\n");
    if (code == BaseCode::ctc)
      CHECK(Run(folder, load + "/b.npy --beam 4").out ==
            ">b\n" + base_letters(called_bases(said, 0, code, 4)) + "\n");

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
    // Of a folder with one bad signal, whole groups of files before it are printed.
    for (int i = 0; i < 65; ++i)
      std::filesystem::copy_file(folder.path("signals/a.npy"),
                                 folder.path("signals/m" + std::to_string(10 + i) + ".npy"));
    std::filesystem::copy_file(folder.path("nan.npy"), folder.path("signals/z.npy"));
    CHECK_THAT(refused("signals"), ContainsSubstring("z.npy: the signal is not a number at sample 7"));
    const auto printed = support::read_bytes(folder.path("out"));
    CHECK(std::count(printed.begin(), printed.end(), '>') == 64);
    std::filesystem::remove_all(folder.path("signals"));
    CHECK_THAT(refused("empty"), ContainsSubstring("empty: no file .npy in this folder"));
  }
}
