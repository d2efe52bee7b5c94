// The network of a classifier: one of three kinds, chosen when it is made or loaded; or several of a kind
// that were trained one by one and answer with the mean of their outputs, logits or numbers (deep ensembles
// as of Lakshminarayanan et al. 2017, who average probabilities).
#pragma once

#include <algorithm>
#include <memory>
#include <seqlstm/autograd/ops.hpp>
#include <string>
#include <variant>
#include <vector>

#include "support/encoder_net.hpp"
#include "support/reference_protein_net.hpp"
#include "support/sequence_net.hpp"

namespace examples {

using NetOptions = std::variant<SequenceNetOptions, EncoderNetOptions, ReferenceProteinNetOptions>;

/// Columns of what such a network answers.
template <class Options> std::size_t outputs_of(const Options& o) {
  if constexpr (requires { o.outputs; }) {
    return o.outputs;
  } else {
    return o.classes;
  }
}
/// Trained numbers of a network of these options, or a bit fewer.
inline double expected_parameters(const NetOptions& options) {
  return std::visit([](const auto& o) { return expected_parameters(o); }, options);
}

class Net {
 public:
  explicit Net(const NetOptions& options, std::size_t members = 1) {
    for (std::size_t m = 0; m < members; ++m)
      members_.push_back({std::visit([](const auto& o) { return Either(made(o)); }, options)});
  }

  /// The mean of the members' outputs.
  seqlstm::Var<float> forward(seqlstm::Tape<float>& tape, const seqlstm::TokenBatch& batch) {
    if (members_.size() == 1) return members_[0].forward(tape, batch);
    auto sum = output_of(0, tape, batch);
    for (std::size_t m = 1; m < members_.size(); ++m) sum = sum + output_of(m, tape, batch);
    return 1 / static_cast<float>(members_.size()) * sum;
  }
  template <class V> void fields(V& v) {
    if (members_.size() == 1) return members_[0].fields(v);
    for (std::size_t m = 0; m < members_.size(); ++m) v("member" + std::to_string(m), members_[m]);
  }
  /// Takes the members of another network of the same options.
  void join(Net other) { std::ranges::move(other.members_, std::back_inserter(members_)); }
  [[nodiscard]] std::size_t members() const { return members_.size(); }
  [[nodiscard]] NetOptions options() const {
    return std::visit([](const auto& net) { return NetOptions(net.options()); }, members_[0].net);
  }
  /// Length of the position table: the only length the network reads; 0: it reads any.
  [[nodiscard]] std::size_t positions() const {
    const auto* plain = std::get_if<SequenceNet<float>>(&members_[0].net);
    return plain == nullptr ? 0 : plain->options().positions;
  }
  /// body(net) of the first member, as the kind it is.
  template <class Body> auto visit(Body&& body) { return std::visit(body, members_[0].net); }
  /// The same of every member.
  template <class Body> auto visit_all(Body&& body) {
    std::vector<decltype(visit(body))> results;
    for (auto& member : members_) results.push_back(std::visit(body, member.net));
    return results;
  }
  /// The first member, if it is of that kind; else null.
  template <class Kind> [[nodiscard]] Kind* get() { return std::get_if<Kind>(&members_[0].net); }

 private:
  using Either = std::variant<SequenceNet<float>, EncoderNet<float>, ReferenceProteinNet<float>>;
  static SequenceNet<float> made(const SequenceNetOptions& o) { return SequenceNet<float>(o); }
  static EncoderNet<float> made(const EncoderNetOptions& o) { return EncoderNet<float>(o); }
  static ReferenceProteinNet<float> made(const ReferenceProteinNetOptions& o) {
    return ReferenceProteinNet<float>(o);
  }
  struct Member {
    Either net;
    seqlstm::Var<float> forward(seqlstm::Tape<float>& tape, const seqlstm::TokenBatch& batch) {
      return std::visit([&](auto& own) { return own.forward(tape, batch); }, net);
    }
    template <class V> void fields(V& v) {
      std::visit([&](auto& own) { own.fields(v); }, net);
    }
  };
  /// In prediction what one member computes makes room for the next one: only its output stays.
  seqlstm::Var<float> output_of(std::size_t m, seqlstm::Tape<float>& tape, const seqlstm::TokenBatch& batch) {
    if (tape.training()) return members_[m].forward(tape, batch);
    if (room_ == nullptr) room_ = std::make_unique<seqlstm::Tape<float>>(seqlstm::Mode::inference);
    room_->reset();
    const auto output = members_[m].forward(*room_, batch).value();
    const auto kept = tape.arena().matrix<float>(output.rows(), output.cols());
    for (std::size_t r = 0; r < output.rows(); ++r)
      std::copy_n(output.row_data(r), output.cols(), kept.row_data(r));
    return tape.leaf(kept);
  }

  std::vector<Member> members_;
  std::unique_ptr<seqlstm::Tape<float>> room_ = {};
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
