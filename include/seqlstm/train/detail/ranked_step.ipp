// Definitions of ranked_step.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/ranks/same_kernels.hpp>
#include <seqlstm/train/detail/ranked_step.hpp>
#include <utility>
#include <variant>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE std::string data_fingerprint(const SequenceDataset& data) {
  std::string parts;
  const auto add = [&](const auto& values) { parts += fingerprint(std::as_bytes(std::span(values))); };
  add(data.offsets);
  add(data.ids);
  add(data.channels);
  add(data.labels);
  add(data.position_labels);
  add(data.position_weights);
  add(data.label_sequences);
  add(data.label_sequence_offsets);
  return std::to_string(data.size()) + " records, " + fingerprint(std::as_bytes(std::span(parts)));
}
SEQLSTM_INLINE std::string data_fingerprint(const FeatureDataset& data) {
  const std::string parts =
      fingerprint(std::as_bytes(std::span(data.values))) + fingerprint(std::as_bytes(std::span(data.labels)));
  return std::to_string(data.size()) + " rows, " + fingerprint(std::as_bytes(std::span(parts)));
}

SEQLSTM_INLINE std::vector<std::size_t> lengths_of(const SequenceBatch& batch) {
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < batch.layout.sequences(); ++i)
    lengths.push_back(batch.layout.length(batch.layout.rank(i)));
  return lengths;
}

SEQLSTM_INLINE std::string numbers_text(const Loss& loss) {
  std::string text = loss.name();
  const auto add = [&](const char* name, std::span<const double> numbers) {
    for (std::size_t i = 0; i < numbers.size(); ++i)
      text += (i == 0 ? std::string(", ") + name + " " : " ") + number_text(numbers[i]);
  };
  const auto add_one = [&](const char* name, double number) { add(name, {&number, 1}); };
  const auto& choice = loss.choice();
  if (const auto* bce = std::get_if<BceWithLogitsOptions>(&choice)) add("pos_weight", bce->pos_weight);
  if (const auto* classes = std::get_if<CrossEntropyOptions>(&choice)) {
    add("class_weights", classes->class_weights);
    add_one("label_smoothing", classes->label_smoothing);
  }
  if (const auto* ctc = std::get_if<CtcOptions>(&choice)) {
    add_one("blank", static_cast<double>(ctc->blank));
    add_one("zero_infinity", ctc->zero_infinity ? 1 : 0);
  }
  if (loss.site_weight() != 0) add_one("site_weight", loss.site_weight());
  return text;
}

/// A name and the numbers of its fields().
template <class Fields> std::string named_numbers(std::string text, const Fields& of) {
  of.fields([&](const char* key, const auto& value) {
    text += std::string(" ") + key + " " + number_text(static_cast<double>(value));
  });
  return text;
}

SEQLSTM_INLINE std::string numbers_text(const OptimizerSpec& optimizer) {
  return std::visit([](const auto& rule) { return named_numbers(rule.rule_name(), rule); }, optimizer);
}

SEQLSTM_INLINE std::string numbers_text(const ScheduleSpec& schedule, std::size_t total, double base_lr) {
  const auto* custom = std::get_if<CustomSchedule>(&schedule);
  if (custom == nullptr)
    return std::visit([](const auto& known) { return named_numbers(known.schedule_name(), known); },
                      schedule);
  std::vector<double> rates;
  const std::size_t shown = std::min<std::size_t>(total, 1000);  // the function may be slow
  for (std::size_t i = 0; i < shown; ++i) {
    const Rate rate = custom->at(i * total / shown, total, base_lr);
    rates.push_back(rate.lr);
    rates.push_back(rate.momentum.value_or(0));
  }
  return custom->name + " " + fingerprint(std::as_bytes(std::span(rates)));
}

SEQLSTM_INLINE std::string sampled_text(const Sampler& sampler, std::size_t epoch) {
  if (!sampler) return "all rows";
  const auto rows = sampler(epoch);
  return std::to_string(rows.size()) + " rows of the sampler, " + fingerprint(std::as_bytes(std::span(rows)));
}

SEQLSTM_INLINE void begin_on_ranks(Communicator& communicator, const ModuleRef& model,
                                   std::vector<SharedFact> facts) {
  std::string shapes;
  for_each_parameter(model, [&](const std::string& name, auto& p) {
    shapes += (shapes.empty() ? "" : ", ") + name + " " + shape_text(p.rows(), p.cols()) +
              (p.trainable ? "" : " (frozen)");
  });
  facts.push_back({"the model", shapes, "build the same model on all ranks"});
  require_agreement(communicator, facts);
  require_same_kernels(communicator);
  if (communicator.size() == 1) return;
  for_each_parameter(model, [&](const std::string&, auto& p) {
    const auto values = p.edit();
    communicator.broadcast(std::as_writable_bytes(std::span(values.data(), values.size())));
  });
  for_each_buffer(model, [&](const std::string&, auto& b) {
    communicator.broadcast(std::as_writable_bytes(b.values()));
  });
}

SEQLSTM_INLINE LoopOptions watched_by_ranks(Communicator& communicator, LoopOptions options) {
  if (communicator.rank() > 0) options.progress = nullptr;
  if (options.stop)
    options.stop = [&communicator, stop = options.stop] { return any_rank(communicator, stop()); };
  if (options.on_step)
    options.on_step = [&communicator, on_step = options.on_step](const StepReport& report) {
      return !any_rank(communicator, !on_step(report));
    };
  return options;
}

SEQLSTM_INLINE void require_no_gradients(const ModuleRef& model) {
  for_each_parameter(model, [](const std::string& name, auto& p) {
    const auto gradient = p.gradient();
    for (std::size_t i = 0; i < gradient.size(); ++i)
      if (gradient.data()[i] != 0)
        throw option_error("the gradient of '" + name +
                           "' is written by an operation that knows nothing of ranks; let it use "
                           "add_row_sums(), or train without a communicator");
  });
}

SEQLSTM_INLINE void require_same_values(Communicator& communicator, const ModuleRef& model,
                                        std::uint64_t rates_digest, const std::string& when) {
  if (communicator.size() == 1) return;
  std::string values = std::to_string(rates_digest);
  for_each_parameter(model, [&](const std::string&, auto& p) {
    values += fingerprint(std::as_bytes(std::span(p.data(), p.size())));
  });
  for_each_buffer(model,
                  [&](const std::string&, auto& b) { values += fingerprint(std::as_bytes(b.values())); });
  const SharedFact fact{"the model " + when, fingerprint(std::as_bytes(std::span(values))),
                        "ranks must be given the same optimizer, schedule, lr_scale and data"};
  require_agreement(communicator, {&fact, 1});
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
