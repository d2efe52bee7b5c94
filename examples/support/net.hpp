// The network of a classifier: one of three kinds, chosen when it is made or loaded.
#pragma once

#include <variant>

#include "support/encoder_net.hpp"
#include "support/reference_protein_net.hpp"
#include "support/sequence_net.hpp"

namespace examples {

using NetOptions = std::variant<SequenceNetOptions, EncoderNetOptions, ReferenceProteinNetOptions>;

class Net {
 public:
  explicit Net(const NetOptions& options)
      : net_(std::visit([](const auto& o) { return Either(made(o)); }, options)) {}

  seqlstm::Var<float> forward(seqlstm::Tape<float>& tape, const seqlstm::TokenBatch& batch) {
    return std::visit([&](auto& net) { return net.forward(tape, batch); }, net_);
  }
  template <class V> void fields(V& v) {
    std::visit([&](auto& net) { net.fields(v); }, net_);
  }
  [[nodiscard]] NetOptions options() const {
    return std::visit([](const auto& net) { return NetOptions(net.options()); }, net_);
  }
  /// Length of the position table: the only length the network reads; 0: it reads any.
  [[nodiscard]] std::size_t positions() const {
    const auto* plain = std::get_if<SequenceNet<float>>(&net_);
    return plain == nullptr ? 0 : plain->options().positions;
  }
  /// body(net), of the kind it is.
  template <class Body> auto visit(Body&& body) { return std::visit(body, net_); }
  /// The network of that kind; null where this is none.
  template <class Kind> [[nodiscard]] Kind* get() { return std::get_if<Kind>(&net_); }

 private:
  using Either = std::variant<SequenceNet<float>, EncoderNet<float>, ReferenceProteinNet<float>>;
  static SequenceNet<float> made(const SequenceNetOptions& o) { return SequenceNet<float>(o); }
  static EncoderNet<float> made(const EncoderNetOptions& o) { return EncoderNet<float>(o); }
  static ReferenceProteinNet<float> made(const ReferenceProteinNetOptions& o) {
    return ReferenceProteinNet<float>(o);
  }
  Either net_;
};

}  // namespace examples

// NetOptions as JSON: the options of one kind, told apart by their keys.
template <> struct nlohmann::adl_serializer<examples::NetOptions> {
  static void to_json(json& j, const examples::NetOptions& options) {
    std::visit([&](const auto& o) { j = o; }, options);
  }
  static void from_json(const json& j, examples::NetOptions& options) {
    if (j.contains("positions")) {
      options = j.get<examples::SequenceNetOptions>();
    } else if (j.contains("width")) {
      options = j.get<examples::EncoderNetOptions>();
    } else {
      options = j.get<examples::ReferenceProteinNetOptions>();
    }
  }
};
