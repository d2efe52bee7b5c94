// A Basecaller as programs save it, with all it takes to use it.
//
//     auto model = io::load_basecaller("pore.model");
//     SequenceDataset data;
//     model.add(data, "read1", signal);                                          // pA, or any other unit
//     const auto said = predict(model.net, data, model.net.loss());
//     std::cout << base_letters(called_bases(said, 0, model.net.options().code));
#pragma once

#include <seqlstm/infer/basecall.hpp>
#include <seqlstm/io/checkpoint.hpp>
#include <seqlstm/io/model_options.hpp>
#include <string>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// The kind that files of base callers have.
inline constexpr const char* basecaller_kind = "basecalling";

/// Saves a base caller. The file remembers what it says of `probe`, frames of a signal. Throws as
/// save_model() does.
inline void save_basecaller(const std::string& path, Basecaller<float>& net, const StoredInput& probe) {
  save_model(path, net, {basecaller_kind, {{"net", net.options()}}, Tokenizer(dna4).to_config(), {}}, probe);
}

/// A base caller from a file, ready to run.
struct SavedBasecaller {
  std::string path;       ///< the file, as it was named
  ModelInfo info;         ///< the checked header
  Basecaller<float> net;  ///< with the weights of the file

  /// Reads the file. Throws io_error, and format_error for a file of another kind, a damaged one, or one of
  /// another version.
  explicit SavedBasecaller(const std::string& file) : SavedBasecaller(ModelFile(file)) {}

  /// Appends a signal in any unit to a data set that the network reads: standardised, in frames. Throws
  /// numeric_error for a number that is not finite, option_error for a signal without a whole frame.
  void add(SequenceDataset& data, std::string name, std::span<const float> signal) const {
    const auto standardised = standardised_signal(signal);
    const auto frames = signal_frames(standardised, net.options().stride);
    if (frames.rows() == 0)
      throw option_error("the signal has " + std::to_string(signal.size()) +
                         " samples, but the network reads frames of " + std::to_string(net.options().stride));
    data.add(std::move(name), frames);
  }

 private:
  explicit SavedBasecaller(const ModelFile& file)
      : path(file.path()), info(info_of(file)), net(options_of(file)) {
    file.load(net);
  }
  static const ModelInfo& info_of(const ModelFile& file) {
    if (file.info().kind != basecaller_kind)
      throw format_error(file.path() + ": a model of kind '" + file.info().kind + "', expected '" +
                         basecaller_kind + "'; give it to the program that saved it");
    return file.info();
  }
  static BasecallerOptions options_of(const ModelFile& file) {
    try {
      const auto options =
          detail::member(file.info().options, "net", "a network's options").get<BasecallerOptions>();
      check_fits(file.path(), file.info(), expected_parameters(options));
      return options;
    } catch (const format_error& error) {
      throw named(file.path(), error);
    }
  }
};

/// SavedBasecaller of a file.
inline SavedBasecaller load_basecaller(const std::string& path) {
  return SavedBasecaller(path);
}

}  // namespace io

SEQLSTM_NAMESPACE_END
