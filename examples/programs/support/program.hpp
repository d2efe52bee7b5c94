// What every example program does: parse options, print one sentence on bad input, write its JSON.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <seqlstm/io/file.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/io/report_json.hpp>
#include <seqlstm/train/fit.hpp>
#include <vector>

#include "support/advice.hpp"
#include "support/interrupt.hpp"
#include "support/machine.hpp"
#include "support/ranks.hpp"

namespace examples {

/// Throws option_error for an option of the program before one of its commands, which would not read it.
inline void check_alone(const CLI::App& app) {
  for (const auto* command : app.get_subcommands())
    for (const auto* option : app.get_options())
      if (option->count() > 0)
        throw seqlstm::option_error(option->get_name() + " stands before '" + command->get_name() +
                                    "', which has options of its own; put it behind, if " +
                                    command->get_name() + " --help has it");
}

/// Throws option_error for options that were given beside --encoder.
inline void check_encoder_decides(const CLI::App& app, std::initializer_list<const char*> options) {
  for (const char* option : options)
    if (app.count(option) > 0)
      throw seqlstm::option_error(std::string(option) +
                                  " and --encoder exclude each other: the encoder has its own");
}

/// The group, in --help, of options that only a training reads: beside --load they are refused.
inline constexpr const char* of_training = "Training";

/// The options all training programs share besides where their data is.
struct RunOptions : MachineOptions {
  std::uint64_t seed = 1;
  std::optional<std::size_t> epochs = {};  ///< the program's choice without
  std::string save, load, predict, json;
  std::string report;  ///< a page (.html) to look at
  double learning_rate = 4e-3;

  /// `default_epochs` says in words what happens without --epochs.
  void add_to(CLI::App& program, const std::string& default_epochs) {
    CLI::App& app = *(app_ = &program);
    app.add_option("--seed", seed, "draws split, weights, order and dropout")
        ->check(seed_number())
        ->group(of_training)
        ->capture_default_str();
    app.add_option("--epochs", epochs, "passes over the training part")
        ->check(whole_number())
        ->group(of_training)
        ->default_str(default_epochs);
    app.add_option("--learning-rate", learning_rate, "highest rate of the one-cycle schedule")
        ->group(of_training)
        ->capture_default_str();
    MachineOptions::add_to(app);
    app.add_option("--save", save, "write the trained model to this file");
    app.add_option("--load", load, "read a model that --save wrote");
    app.add_option("--predict", predict, "FASTA whose records the loaded model predicts");
    app.add_option("--json", json, "write metrics, configuration and history to this file");
  }
  /// The training's options as text, given or not, but for those that name files.
  [[nodiscard]] nlohmann::json training_values() const {
    nlohmann::json values = nlohmann::json::object();
    for (const auto* option : training_options())
      if (const std::string name = option->get_name();
          name != "--encoder" && !name.starts_with("--checkpoint"))
        values[name] = value_of(option->as<std::string>());
    return values;
  }
  /// Numbers are compared as numbers: 4e-3 is 0.004.
  static nlohmann::json value_of(const std::string& text) {
    const auto number = seqlstm::parse_number(text);
    return number ? nlohmann::json(*number) : nlohmann::json(seqlstm::io::utf8_text(text));
  }
  void check() const {
    if (epochs == std::size_t{0}) throw seqlstm::option_error("--epochs is 0, expected at least 1");
    if (!(learning_rate > 0 && std::isfinite(learning_rate)))
      throw seqlstm::option_error("--learning-rate is " + std::to_string(learning_rate) +
                                  ", expected a finite number above 0, for instance 0.004");
    if (!predict.empty() && load.empty()) throw seqlstm::option_error("--predict needs --load MODEL");
    if (!load.empty() && !save.empty())
      throw seqlstm::option_error("--load and --save exclude each other: a loaded model is not trained");
    for (const auto* option : training_options())
      if (!load.empty() && option->count() > 0)
        throw seqlstm::option_error(option->get_name() +
                                    " and --load exclude each other: the loaded model has its own");
    if (!predict.empty() && !json.empty())
      throw seqlstm::option_error("--predict writes a table to the output; --json needs labels to judge by");
  }
  [[nodiscard]] bool writes_page() const { return report.ends_with(".html"); }
  void add_page_to(CLI::App& app) {
    app.add_option("--report", report, "FILE.html: write figures, tables and configuration to this page");
  }
  /// Throws option_error for a report that is no page, or of predictions.
  void check_page() const {
    if (!report.empty() && !writes_page())
      throw seqlstm::option_error("--report is '" + report + "', expected the name of a page, FILE.html");
    check_report_has_labels();
  }
  void check_report_has_labels() const {
    if (!report.empty() && !predict.empty())
      throw seqlstm::option_error(
          "--predict writes a table to the output; --report needs labels to judge by");
  }
  void name_files(seqlstm::io::FilePlan& files) const {
    files.input("--load", load);
    files.input("--predict", predict);
    files.output("--save", save);
    files.output("--json", json);
  }

 private:
  /// What only a training reads.
  [[nodiscard]] std::vector<const CLI::Option*> training_options() const {
    const auto training = [](const CLI::Option* option) { return option->get_group() == of_training; };
    return app_ == nullptr ? std::vector<const CLI::Option*>() : std::as_const(*app_).get_options(training);
  }

  CLI::App* app_ = nullptr;
};

/// The command that this program was started by, as a shell would take it; set by run_program.
inline std::string& command_line() {
  static std::string line;
  return line;
}

/// Mean of a number over the rows of a history.
inline double mean_of(const nlohmann::json& rows, const char* key) {
  double mean = 0;
  for (const auto& row : rows) mean += row.at(key).get<double>() / static_cast<double>(rows.size());
  return mean;
}

namespace detail {

/// Before main, which may use any instruction that the compiler was allowed to.
inline const bool cpu_asked = [] {
  try {
    seqlstm::require_cpu();
  } catch (const seqlstm::cpu_error& error) {
    std::cerr << error.what() << '\n';
    std::_Exit(1);
  }
  return true;
}();

/// Standard streams that the caller closed are opened on nothing, so that no file takes their numbers and
/// what is printed does not go into a model.
inline void occupy_standard_streams() {
  for (int stream = 0; stream <= STDERR_FILENO; ++stream)
    if (fcntl(stream, F_GETFD) < 0) static_cast<void>(open("/dev/null", O_RDONLY));
}

/// Why what was printed could not be written, as errno has it; nothing where all was, 0 where the system does
/// not say.
inline std::optional<int> lost_output() {
  errno = 0;
  std::cout.flush();
  if (std::cout.good()) return std::nullopt;
  // An earlier line was lost: the system says why to the next who tries.
  if (errno == 0) static_cast<void>(::write(STDOUT_FILENO, "\n", 1));
  return errno;
}
/// "cannot write the output: No space left on device".
inline std::string lost_output_text(int code) {
  return std::string("cannot write the output: ") +
         (code == 0 ? "an earlier part is missing" : std::strerror(code));
}

/// The exit code of body() and of what it printed.
template <class Body> int exit_code(const CLI::App& app, Body&& body) {
  const auto failed = [&](const std::string& what, int code) {
    if (!tell_ranks(what)) std::cerr << app.get_name() << ": " << what << '\n';
    return code;
  };
  try {
    body();
    return 0;
  } catch (const Interrupted& end) {
    // A reader that went away ends a program as a signal does; an output that fails is a failure.
    const auto lost = end.signal == SIGPIPE ? lost_output() : std::nullopt;
    if (lost && *lost != EPIPE)
      return failed(lost_output_text(*lost) + "; " + seqlstm::printable(end.what()), 1);
    return failed(seqlstm::printable(end.what()), end.exit_code());
  } catch (const seqlstm::numeric_error& error) {
    return failed(in_words_of(app, error.what()), 1);
  } catch (const seqlstm::io::write_error& error) {
    return failed(error.what(), 1);
  } catch (const seqlstm::Error& error) {
    return failed(in_words_of(app, error.what()), 2);
  } catch (const std::bad_alloc&) {
    return failed("there is not enough memory; give it less at once, or a smaller network", 1);
  } catch (const std::exception& error) {
    return failed(error.what(), 1);
  }
}

/// "; did you mean --epochs?" where a word that the program or one of its commands could not read is nearly
/// one of its options.
inline std::string meant_option(const CLI::App& app) {
  std::vector<std::string> known;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) known.push_back("--" + name);
  for (const std::string& word : app.remaining()) {
    const std::string meant = seqlstm::nearest_name(word.substr(0, word.find('=')), known);
    if (word.starts_with("--") && !meant.empty() && meant != word) return "; did you mean " + meant + "?";
  }
  for (const auto* command : app.get_subcommands())
    if (std::string meant = meant_option(*command); !meant.empty()) return meant;
  return {};
}

/// "seqlstm 0.1.0" and which kernels run.
inline std::string version_text() {
  return "seqlstm " SEQLSTM_STRINGIZE(SEQLSTM_VERSION_MAJOR) "." SEQLSTM_STRINGIZE(
             SEQLSTM_VERSION_MINOR) "." SEQLSTM_STRINGIZE(SEQLSTM_VERSION_PATCH) "\n" +
         seqlstm::cpu_report();
}

/// Words that a shell takes for one each.
inline std::string shell_line(int argc, char** argv) {
  std::string line;
  for (int i = 0; i < argc; ++i) {
    const std::string word = i == 0 ? std::filesystem::path(argv[0]).filename().string() : argv[i];
    constexpr const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=,:+@%";
    const bool quoted = word.empty() || word.find_first_not_of(plain) != std::string::npos;
    line += (i > 0 ? " " : "") + (quoted ? "'" : std::string());
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    if (quoted) line += '\'';
  }
  return line;
}

}  // namespace detail

/// Ends a program whose output takes nothing any more.
inline void check_output() {
  if (!std::cout.flush()) throw Interrupted(SIGPIPE, "the output ended before all was printed");
}

/// Runs `body` of a program: 0 when it returns and all it printed was written, 2 for bad input (one sentence
/// on stderr), 1 for any other failure, 128 and the number of a signal that ended it. A closed output is a
/// failed stream, not the end.
template <class Body> int run_program(CLI::App& app, int argc, char** argv, Body&& body) {
  detail::occupy_standard_streams();
  command_line() = detail::shell_line(argc, argv);
  running_program() = &app;
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGCHLD, SIG_DFL);  // who ignores it gets no exit codes of other programs
  int code = 0;
  std::optional<RankSession> session;  // until all is said
  try {
    session.emplace(argc, argv);
    app.set_version_flag("--version", detail::version_text, "version and kernels, and end");
    app.parse(argc, argv);
    code = detail::exit_code(app, body);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      code = app.exit(error);
    } else {
      std::cerr << app.get_name() << ": " << error.what()
                << (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ? detail::meant_option(app) : "")
                << "; see --help\n";
      code = 2;
    }
  } catch (const seqlstm::Error& error) {  // of what --version asks
    std::cerr << app.get_name() << ": " << error.what() << '\n';
    code = 2;
  }
  const auto lost = detail::lost_output();
  if (!lost || code != 0) return code;
  if (*lost == EPIPE) return 128 + SIGPIPE;
  std::cerr << app.get_name() << ": " << detail::lost_output_text(*lost)
            << "; what was printed is not complete, run it again with space for it\n";
  return 1;
}

/// What a run gave and what it ran on, as all programs write it.
inline nlohmann::json result_json(const seqlstm::Report& test, const seqlstm::Report& baseline,
                                  const seqlstm::FitResult& fitted, const RunOptions& run) {
  auto out = seqlstm::io::result_json(test, baseline, fitted);
  out["seed"] = run.seed;
  run.note(out);
  return out;
}

/// One plain line per epoch: the losses, and the metric where it is another.
inline seqlstm::Callback epoch_lines(std::ostream& out, std::string metric) {
  return [&out, metric = std::move(metric)](const seqlstm::EpochReport& e) {
    out << "epoch " << e.epoch << ": train loss " << e.train_loss << ", valid loss " << e.valid["loss"];
    if (metric != "loss") out << ", " << metric << ' ' << e.valid[metric];
    out << ", " << seqlstm::duration_text(e.seconds) << ", " << static_cast<long long>(e.tokens_per_second)
        << " tokens/s" << (e.best ? ", best" : "") << std::endl;
    return true;
  };
}

}  // namespace examples
