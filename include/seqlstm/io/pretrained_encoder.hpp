// An encoder that read other sequences before, from its file: of a language model or of a masked one, for a
// classifier to begin with.
//
//     const io::PretrainedEncoder encoder("ecoli.safetensors");
//     ClassifierTrainer trainer({.encoder = encoder.start()});
#pragma once

#include <memory>
#include <seqlstm/io/encoder.hpp>
#include <seqlstm/io/masked_encoder.hpp>
#include <seqlstm/train/classifier_training.hpp>
#include <string>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// The file is read once, whatever is asked and however many networks begin with it.
class PretrainedEncoder {
 public:
  /// Throws io_error, and format_error for a file without an encoder.
  explicit PretrainedEncoder(std::string path) : file_(std::make_shared<const ModelFile>(std::move(path))) {
    if (is_masked_model(*file_)) {
      start_.options = masked_model_options(*file_);
    } else {
      start_.options = encoder_info(*file_).options;
    }
    start_.load = [file = file_](AnyClassifier& net, const Tokenizer& tokenizer) {
      if (auto* on_language = net.get_if<EncoderClassifier<float>>()) {
        load_encoder(*file, on_language->encoder, tokenizer);
      } else if (auto* on_masked = net.get_if<SequenceClassifier<float>>()) {
        load_masked_encoder(*file, *on_masked, tokenizer);
      } else {
        throw option_error(file->path() + ": this kind of classifier has no encoder to be filled");
      }
    };
  }

  /// The file it was read from.
  [[nodiscard]] const ModelFile& file() const { return *file_; }
  /// How a classifier begins with it.
  [[nodiscard]] const EncoderStart& start() const { return start_; }
  /// The tokenizer it reads with, for letters of `alphabet`; unknown ones are treated as `unknown` says, or
  /// skipped where they are to be mapped and its own alphabet has no letter for any. Throws option_error
  /// where one reads nucleotides and the other does not.
  [[nodiscard]] Tokenizer tokenizer_for(const Alphabet& alphabet, Unknown unknown) const {
    const Tokenizer own = file_->tokenizer();
    if (own.alphabet().options().nucleotides != alphabet.options().nucleotides)
      throw option_error(file_->path() + ": the encoder reads letters of " +
                         std::string(own.alphabet().name()) + ", here are " + std::string(alphabet.name()) +
                         "; give one that read the same kind");
    auto as_read = own.options();
    const bool has_any = own.alphabet().any() != '\0';
    as_read.unknown = unknown == seqlstm::unknown::map && !has_any ? seqlstm::unknown::skip : unknown;
    return {own.alphabet(), as_read};
  }

 private:
  std::shared_ptr<const ModelFile> file_;
  EncoderStart start_;
};

}  // namespace io

SEQLSTM_NAMESPACE_END
