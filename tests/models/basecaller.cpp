#include <seqlstm/models/basecaller.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/nn/init.hpp>

#include "support/layers.hpp"
#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

/// Records of 9, 6 and 7 frames of two samples, with their bases as either code has them.
struct Batch {
  SequenceBatch batch;
  explicit Batch(BaseCode code) {
    const std::size_t lengths[] = {9, 6, 7};
    std::vector<std::vector<float>> values;
    std::vector<ConstMatrixView<float>> rows;
    for (const std::size_t length : lengths) values.push_back(random_values<float>(2 * length, length));
    for (const auto& v : values) rows.emplace_back(v.data(), v.size() / 2, 2);
    batch.assign(rows);
    if (code == BaseCode::ctc) {
      batch.label_sequences = {1, 2, 2, 4, 3, 3, 1, 2};
      batch.label_sequence_offsets = {0, 3, 4, 8};
    } else {
      batch.position_labels.resize(batch.layout.tokens());
      for (std::size_t r = 0; r < batch.layout.sequences(); ++r)
        for (std::size_t t = 0; t < batch.layout.length(r); ++t)
          batch.position_labels[batch.layout.offset(t) + r] =
              static_cast<double>((t / 2 + r) % 4 + (t % 2 == 1 ? 4 : 0));
    }
  }
};
BasecallerOptions plain(BaseCode code, std::size_t layers) {
  return {.stride = 2, .filters = 3, .kernel = 3, .hidden = 4, .layers = layers, .code = code};
}

}  // namespace

TEST_CASE("base caller: gradients, of CTC and of a random field, also of an odd number of layers") {
  for (const BaseCode code : {BaseCode::ctc, BaseCode::crf})
    for (const std::size_t layers : {1U, 2U, 3U}) {
      const Batch data(code);
      Basecaller<double> net(plain(code, layers));
      initialize(net, 2);
      const Loss loss = net.loss();
      const auto report = check_gradient(
          [&](Tape<double>& tape) { return loss(net.forward(tape, data.batch), data.batch.targets()); },
          checked_values(net), 2e-6);
      INFO(report);
      CHECK(report);
    }
}

TEST_CASE("base caller: scores of every frame, loss and parameters follow from the options") {
  const Batch data(BaseCode::ctc);
  for (const BaseCode code : {BaseCode::ctc, BaseCode::crf}) {
    Basecaller<float> net(plain(code, 2));
    Tape<float> tape(Mode::inference);
    const auto output = net.forward(tape, data.batch);
    CHECK(output.by_position());
    CHECK(output.has_crf() == (code == BaseCode::crf));
    CHECK(output.value().rows() == 22);
    CHECK(output.value().cols() == base_classes(code));
    CHECK(std::string(net.loss().name()) == (code == BaseCode::ctc ? "ctc_loss" : "crf_loss"));
    const auto count = static_cast<double>(parameter_count(net));
    CHECK(expected_parameters(net.options()) == count - (code == BaseCode::crf ? 80 : 0));
  }
  CHECK(message_of<option_error>([] { Basecaller<float> net(plain(BaseCode::ctc, 0)); }) ==
        "basecaller: 0 layers, expected at least one");
}

TEST_CASE("base caller: a base goes on only after itself, and none goes on at the beginning") {
  const Batch data(BaseCode::crf);
  Basecaller<float> net(plain(BaseCode::crf, 1));
  Tape<float> tape(Mode::inference);
  const Crf<float>& crf = *net.forward(tape, data.batch).crf_scores().crf;
  for (std::size_t from = 0; from < 8; ++from)
    for (std::size_t to = 0; to < 8; ++to) CHECK(crf.may_follow(from, to) == (to < 4 || from % 4 == to - 4));
  for (std::size_t label = 0; label < 8; ++label) CHECK(crf.may_start(label) == (label < 4));
}

TEST_CASE("base caller: the same bits for any number of threads") {
  const Batch data(BaseCode::ctc);
  Basecaller<float> net(plain(BaseCode::ctc, 3));
  initialize(net, 2);
  check_threads([&] {
    Tape<float> tape;
    zero_gradients(net);
    tape.backward(net.loss()(net.forward(tape, data.batch), data.batch.targets()));
    std::vector<float> gradients;
    for_each_parameter(net, [&](const std::string&, Parameter<float>& p) {
      gradients.insert(gradients.end(), p.gradient().data(), p.gradient().data() + p.size());
    });
    return gradients;
  });
}
