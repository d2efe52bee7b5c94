// What a resumed training must have in common with the one it continues, as JSON: loss, rule, schedule,
// batches, clipping, stopping, what is trained. Doubles are compared as their shortest text, which is exact.
#pragma once

#include <nlohmann/json.hpp>
#include <seqlstm/train/fit.hpp>
#include <seqlstm/train/language_model.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace io::detail {

inline nlohmann::json described(const BceWithLogitsOptions& o) {
  return {{"loss", "bce_with_logits"}, {"pos_weight", o.pos_weight}};
}
inline nlohmann::json described(const BceOptions&) {
  return {{"loss", "bce"}};
}
inline nlohmann::json described(const CrossEntropyOptions& o) {
  return {
      {"loss", "cross_entropy"}, {"class_weights", o.class_weights}, {"label_smoothing", o.label_smoothing}};
}
inline nlohmann::json described(const MseOptions&) {
  return {{"loss", "mse"}};
}
inline nlohmann::json described(const CrfLossOptions&) {
  return {{"loss", "crf_loss"}};
}
inline nlohmann::json described(const CtcOptions& o) {
  return {{"loss", "ctc_loss"}, {"blank", o.blank}, {"zero_infinity", o.zero_infinity}};
}
inline nlohmann::json described(const CustomLoss& o) {
  return {{"loss", o.name}, {"custom", true}};
}

/// An update rule or a schedule: its name and its numbers.
template <class Named>
requires requires(const Named& o) {
  o.rule_name();
} || requires(const Named& o) {
  o.schedule_name();
}
nlohmann::json described(const Named& o) {
  nlohmann::json options = nlohmann::json::object();
  if constexpr (requires { o.rule_name(); }) {
    options["rule"] = o.rule_name();
  } else {
    options["schedule"] = o.schedule_name();
  }
  o.fields([&](const char* key, const auto& value) { options[key] = value; });
  return options;
}

template <class Choice> nlohmann::json described_choice(const Choice& choice) {
  return std::visit([](const auto& chosen) { return described(chosen); }, choice);
}

/// The share of the learning rate that a parameter has (0: not trained), and that of the momentum where it is
/// not all of it.
inline nlohmann::json described(const LrScale& o) {
  if (o.momentum == 1) return o.lr;
  return {o.lr, o.momentum};
}

/// What the bits of a training depend on where ranks train together.
template <class Options> void describe_ranks(nlohmann::json& options, const Options& o) {
  if (!o.communicator) return;
  options["shards"] = o.shards;
  if (o.wire == Precision::bf16) options["wire"] = "bf16";
}

/// Every option that changes what the next update is, and what every parameter takes of it. Callbacks and
/// progress change nothing.
inline nlohmann::json described(const FitOptions& o, const ModuleRef& model) {
  nlohmann::json rates = nlohmann::json::object();
  for_each_parameter(model, [&](const std::string& name, auto& p) {
    rates[name] = described(!p.trainable ? LrScale(0) : o.lr_scale ? o.lr_scale(name) : LrScale());
  });
  nlohmann::json options = {{"loss", described_choice(o.loss.choice())},
                            {"optimizer", described_choice(o.optimizer)},
                            {"schedule", described_choice(o.schedule)},
                            {"epochs", o.epochs},
                            {"batch_size", o.batch_size},
                            {"token_budget", o.max_tokens},
                            {"pool", o.bucket_batches},
                            {"max_updates", o.max_updates},
                            {"accumulate", o.accumulate},
                            {"seed", o.seed},
                            {"clip_norm", o.clip_norm},
                            {"clip_value", o.clip_value},
                            {"monitor", o.monitor},
                            {"patience", o.patience},
                            {"restore_best", o.restore_best},
                            {"rates", rates}};
  if (o.sampler) options["sampler"] = true;
  if (o.loss.site_weight() > 0) options["sites"] = o.loss.site_weight();
  describe_ranks(options, o);
  return options;
}
/// The same of a language model's training.
inline nlohmann::json described(const LanguageFitOptions& o, const ModuleRef& /*model*/) {
  nlohmann::json options = {{"optimizer", described_choice(o.optimizer)},
                            {"schedule", described_choice(o.schedule)},
                            {"epochs", o.epochs},
                            {"max_updates", o.max_updates},
                            {"streams", o.batch_size},
                            {"steps", o.bptt},
                            {"random_length", o.random_length},
                            {"seed", o.seed},
                            {"clip_norm", o.clip_norm}};
  describe_ranks(options, o);
  return options;
}

/// option_error naming the first option in which a saved run and this one differ.
inline void check_same_training(const std::string& path, const nlohmann::json& saved,
                                const nlohmann::json& now, const std::string& of = "") {
  for (const auto& [key, value] : now.items()) {
    const auto before = saved.find(key);
    if (value.is_object() && before != saved.end()) {
      check_same_training(path, *before, value, of + key + " ");
      continue;
    }
    const std::string text = before == saved.end() ? "nothing" : before->dump();
    if (text != value.dump())
      throw option_error(path + ": the saved run has " + of + key + " " + text + ", this one " +
                         value.dump() + "; resume with the options of the saved run");
  }
  for (const auto& [key, value] : saved.items())
    if (!now.contains(key))
      throw option_error(path + ": the saved run has " + of + key + " " + value.dump() +
                         ", this one nothing; resume with the options of the saved run");
}

}  // namespace io::detail

SEQLSTM_NAMESPACE_END
