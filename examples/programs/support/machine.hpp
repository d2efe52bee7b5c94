// What a program computes with: threads, precision, and what multiplies.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <seqlstm/core/arch.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/core/runtime.hpp>
#include <seqlstm/kernels/report.hpp>
#include <seqlstm/nn/module.hpp>
#include <string>

#include "support/whole_number.hpp"

namespace examples {

struct MachineOptions {
  std::size_t threads = seqlstm::usable_threads();
  std::string precision = "f32", matrix_unit;

  void add_to(CLI::App& app) {
    app.add_option("--threads", threads, "results do not depend on it")
        ->check(whole_number())
        ->capture_default_str();
    app.add_option("--precision", precision,
                   "f32, bf16 (rounded factors) or int8 (trains in f32, predicts and saves in eight bits)")
        ->capture_default_str();
    app.add_option("--matrix-unit", matrix_unit,
                   "what multiplies in bf16: amx, dot or vectors, with the same bits")
        ->default_str("the first that is there");
  }
  [[nodiscard]] bool rounds() const { return precision == "bf16"; }
  [[nodiscard]] bool quantizes() const { return precision == "int8"; }

  /// Threads and matrix unit for the whole program. Throws option_error for what is not known or not there.
  void start() const {
    if (precision != "f32" && !rounds() && !quantizes())
      throw seqlstm::option_error("--precision '" + precision + "' is not known; expected f32, bf16 or int8");
    static_cast<void>(seqlstm::cpu_tier());  // the environment's wish is checked now
    seqlstm::set_threads(threads);
    if (matrix_unit != "") seqlstm::set_matrix_unit(matrix_unit);
    if (rounds()) static_cast<void>(seqlstm::matrix_unit());  // and this one
  }
  /// What a network learns in.
  [[nodiscard]] seqlstm::Precision learns_in() const {
    return rounds() ? seqlstm::Precision::bf16 : seqlstm::Precision::f32;
  }
  /// Throws option_error where the network could not predict in its precision later.
  template <class Net> void apply_training(Net& net) const {
    if (quantizes()) apply(net);
    seqlstm::set_precision(net, learns_in());
  }
  /// What a trained network predicts in, and is saved in.
  [[nodiscard]] seqlstm::Precision of_networks() const {
    return quantizes() ? seqlstm::Precision::int8 : learns_in();
  }
  template <class Net> void apply(Net& net) const { seqlstm::set_precision(net, of_networks()); }
  /// body() while a network that still learns is as a trained one would be: to save it.
  template <class Net, class Body> void as_trained(Net& net, Body&& body) const {
    apply(net);
    body();
    apply_training(net);
  }
  /// The precision of a training, for checkpoints that compare.
  [[nodiscard]] std::string learned_precision() const { return quantizes() ? "f32" : precision; }

  /// "v3, 2 threads", "avx512_bf16, bf16 by dot, 2 threads", "amx, predictions in int8, 2 threads".
  [[nodiscard]] std::string text() const {
    return std::string(seqlstm::cpu_tier()) +
           (rounds() ? ", bf16 by " + std::string(seqlstm::matrix_unit_name()) : "") +
           (quantizes() ? ", predictions in int8" : "") + ", " + std::to_string(seqlstm::threads()) +
           " threads";
  }
  /// What ran, for a result's JSON.
  void note(nlohmann::json& out) const {
    out["arch"] = std::string(seqlstm::kernel_arch());
    out["cpu_tier"] = std::string(seqlstm::cpu_tier());
    out["threads"] = seqlstm::threads();
    out["precision"] = precision;
    if (rounds()) out["matrix_unit"] = std::string(seqlstm::matrix_unit_name());
  }
};

}  // namespace examples
