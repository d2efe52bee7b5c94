// How far back do recurrent networks remember? The largest lag that each learns within the same budget of
// updates, and how much of a gradient is left after so many steps.
//
//     memory_length                                       all tasks, all networks
//     memory_length --tasks adding --cells rnn lstm1 --lags 10 30 100 --out adding

#include <chrono>
#include <cmath>
#include <map>
#include <seqlstm/explain/gradient_by_lag.hpp>
#include <seqlstm/plot/figure.hpp>
#include <seqlstm/plot/page.hpp>
#include <sstream>

#include "memory_trial.hpp"
#include "support/program.hpp"
#include "support/whole_number.hpp"

namespace {

using namespace examples;
using namespace seqlstm;

constexpr const char* program_name = "memory_length";
/// Sequences that gradients are the mean of.
constexpr std::size_t probes = 64;
/// The ends of --out's files.
const std::vector<std::string> endings = {".lags.csv", ".gradients.csv", ".before.svg", ".after.svg"};

struct Options {
  std::vector<std::string> tasks, cells;
  std::vector<std::size_t> lags = {10, 20, 50, 100, 200, 500, 1000};
  MemoryTaskOptions task = {.shortest_lag = 1};
  MemoryBudget budget;
  std::size_t gradient_lag = 200;
  std::string out;
  RunOptions run;  // seed, threads, json, report

  [[nodiscard]] MemoryProblem problem(MemoryTask of, std::size_t lag) const {
    MemoryProblem made{of, task, run.seed};
    made.options.lag = lag;
    return made;
  }
};

// ---- names

std::vector<MemoryTask> chosen_tasks(const Options& options) {
  std::vector<MemoryTask> chosen;
  for (const MemoryTask task : memory_tasks)
    if (std::count(options.tasks.begin(), options.tasks.end(), memory_task_name(task)) > 0)
      chosen.push_back(task);
  return chosen;
}
std::vector<MemoryCellName> chosen_cells(const Options& options) {
  std::vector<MemoryCellName> chosen;
  for (const auto& cell : memory_cells)
    if (std::count(options.cells.begin(), options.cells.end(), cell.key) > 0) chosen.push_back(cell);
  return chosen;
}
std::vector<std::string> task_names() {
  std::vector<std::string> names;
  for (const MemoryTask task : memory_tasks) names.emplace_back(memory_task_name(task));
  return names;
}
std::vector<std::string> cell_keys() {
  std::vector<std::string> keys;
  for (const auto& cell : memory_cells) keys.emplace_back(cell.key);
  return keys;
}

// ---- the largest lag

/// One network at one lag.
struct Row {
  MemoryTask task;
  MemoryCellName cell;
  std::size_t lag, updates;
  double learning_rate, valid, test;
  bool solved;
};

/// One network on one task: the lags it was given, and its weights at the largest that it solved, or at the
/// first one where it solved none.
struct Climb {
  std::vector<Row> rows;
  std::size_t largest = 0, trained_at = 0;
  std::optional<MemoryNet> net;
};

void print(const Row& row, const MemoryGoal& goal) {
  std::cout << memory_task_name(row.task) << ", " << row.cell.title << ": lag " << row.lag
            << (row.solved ? " solved, " : " not solved, ") << goal.metric << ' ' << row.test << " after "
            << row.updates << " updates at " << row.learning_rate << std::endl;
}

/// From the shortest lag on, until one is not solved. The rate that solved a lag is tried first at the next.
Climb climb(const Options& options, MemoryTask task, const MemoryCellName& cell) {
  Climb result;
  std::optional<double> first;
  for (const std::size_t lag : options.lags) {
    const MemoryProblem problem = options.problem(task, lag);
    MemoryTrial trial = best_trial(problem, cell.cell, options.budget, first);
    const double test = problem.score(trial.net, problem.judging(options.budget.test, MemoryProblem::test));
    const MemoryGoal goal = problem.goal();
    const Row row{task,
                  cell,
                  lag,
                  trial.updates,
                  trial.learning_rate,
                  trial.valid,
                  test,
                  goal.reached(test, goal.solved)};
    print(row, goal);
    result.rows.push_back(row);
    if (row.solved) result.largest = lag;
    if (row.solved || !result.net) {
      result.net = std::move(trial.net);
      result.trained_at = lag;
    }
    if (!row.solved) break;
    first = row.learning_rate;
  }
  return result;
}

// ---- gradients

/// Norms of d loss / d x, by steps before the answer; of a copy's symbols the last one alone is asked for.
std::vector<double> gradient_norms(const MemoryProblem& problem, const MemoryNet& net) {
  SequenceDataset data = problem.judging(probes, MemoryProblem::probe);
  for (std::size_t i = 0; i < data.size(); ++i)
    std::fill(data.position_labels.begin() + static_cast<std::ptrdiff_t>(data.offsets[i]),
              data.position_labels.begin() + static_cast<std::ptrdiff_t>(data.offsets[i + 1] - 1),
              ignored_label);
  SequenceBatch batch;
  read_batch(data, batch);
  Tape<float> tape;
  const auto x =
      tape.input({batch.channels.data(), batch.layout.tokens(), batch.channel_count}, batch.layout);
  tape.backward(problem.loss()(ModelOutput<float>(net(x)), batch.targets()));
  return gradient_by_lag(x);
}

/// One network's gradients on its first task, before and after it learned.
struct Reach {
  MemoryCellName cell;
  std::size_t trained_at;
  std::vector<double> before, after;
};

/// Log10 of the norms as shares of that at the last step. A line ends where less than 1e-16 is left.
plot::Series shares(const std::string& name, const std::vector<double>& norms) {
  plot::Series line{name, {}, {}};
  for (std::size_t back = 0; back < norms.size(); ++back) {
    const double share = std::log10(norms[back] / norms[0]);
    if (!(share >= -16)) break;
    line.x.push_back(static_cast<double>(back));
    line.y.push_back(share);
  }
  return line;
}

std::string reach_svg(const std::vector<Reach>& reaches, std::vector<double> Reach::*state,
                      std::size_t steps) {
  std::vector<plot::Series> lines;
  for (const Reach& reach : reaches) lines.push_back(shares(reach.cell.title, reach.*state));
  return plot::figure_svg(lines, {.x_title = "steps before the answer",
                                  .y_title = "log10 of the gradient's share",
                                  .x_range = std::pair(0.0, static_cast<double>(steps)),
                                  .y_range = std::pair(-16.0, 2.0)});
}

// ---- what is written

std::vector<std::string> table_header(const std::vector<MemoryTask>& tasks) {
  std::vector<std::string> header = {"network"};
  for (const MemoryTask task : tasks) header.emplace_back(memory_task_name(task));
  return header;
}

struct Results {
  std::vector<MemoryTask> tasks;
  std::vector<MemoryCellName> cells;
  std::map<std::pair<MemoryTask, MemoryCell>, Climb> climbs;
  std::vector<Reach> reaches;

  [[nodiscard]] const Climb& of(MemoryTask task, const MemoryCellName& cell) const {
    return climbs.at({task, cell.cell});
  }
};

/// The largest lag that each network solved.
std::vector<std::vector<std::string>> largest_table(const Results& results, const Options& options) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& cell : results.cells) {
    auto& row = rows.emplace_back(std::vector<std::string>{cell.title});
    for (const MemoryTask task : results.tasks) {
      const std::size_t largest = results.of(task, cell).largest;
      row.push_back(largest == 0 ? "below " + std::to_string(options.lags.front()) : std::to_string(largest));
    }
  }
  return rows;
}

void print_table(std::ostream& out, const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows) {
  const auto line = [&](const std::vector<std::string>& cells) {
    for (std::size_t c = 0; c < cells.size(); ++c)
      out << cells[c] << std::string(c + 1 == cells.size() ? 0 : (c == 0 ? 34 : 12) - cells[c].size(), ' ');
    out << '\n';
  };
  line(header);
  for (const auto& row : rows) line(row);
}

std::string lags_csv(const Results& results) {
  std::ostringstream csv;
  csv << "task,network,lag,learning_rate,updates,valid,test,solved\n";
  for (const auto& [key, climb] : results.climbs)
    for (const Row& row : climb.rows)
      csv << memory_task_name(row.task) << ',' << row.cell.key << ',' << row.lag << ',' << row.learning_rate
          << ',' << row.updates << ',' << row.valid << ',' << row.test << ',' << (row.solved ? 1 : 0) << '\n';
  return csv.str();
}

std::string gradients_csv(const Results& results) {
  std::ostringstream csv;
  csv << "network,trained_at_lag,steps_back,before,after\n";
  for (const Reach& reach : results.reaches)
    for (std::size_t back = 0; back < reach.before.size(); ++back)
      csv << reach.cell.key << ',' << reach.trained_at << ',' << back << ',' << reach.before[back] << ','
          << reach.after[back] << '\n';
  return csv.str();
}

/// log10 of what is left of the gradient 10 and 100 steps back, as a share of the last step's; null: nothing.
nlohmann::json reach_json(const std::vector<double>& norms) {
  nlohmann::json json = nlohmann::json::object();
  for (const std::size_t back : {10, 100})
    if (back < norms.size()) json[std::to_string(back)] = std::log10(norms[back] / norms[0]);
  return json;
}

nlohmann::json to_json(const Results& results, const Options& options) {
  nlohmann::json json = {{"metrics", nlohmann::json::object()},
                         {"floor", nlohmann::json::object()},
                         {"table", nlohmann::json::array()},
                         {"gradients", nlohmann::json::object()}};
  for (const MemoryTask task : results.tasks) {
    const MemoryGoal goal = memory_goal(task, options.task);
    json["floor"][memory_task_name(task)] = {{goal.metric, goal.guess}};
    for (const auto& cell : results.cells) {
      json["metrics"][memory_task_name(task)][cell.key] = results.of(task, cell).largest;
      for (const Row& row : results.of(task, cell).rows)
        json["table"].push_back({{"task", memory_task_name(task)},
                                 {"network", cell.key},
                                 {"lag", row.lag},
                                 {"learning_rate", row.learning_rate},
                                 {"updates", row.updates},
                                 {"valid", row.valid},
                                 {"test", row.test},
                                 {"solved", row.solved}});
    }
  }
  for (const Reach& reach : results.reaches)
    json["gradients"][reach.cell.key] = {{"trained_at_lag", reach.trained_at},
                                         {"before", reach_json(reach.before)},
                                         {"after", reach_json(reach.after)}};
  json["config"] = {{"lags", options.lags},
                    {"updates", options.budget.updates},
                    {"batch_size", options.budget.batch_size},
                    {"hidden", options.budget.hidden},
                    {"learning_rates", options.budget.learning_rates},
                    {"symbols", options.task.symbols},
                    {"copied", options.task.copied},
                    {"shortest_lag", options.task.shortest_lag},
                    {"gradient_lag", options.gradient_lag}};
  json["seed"] = options.run.seed;
  options.run.note(json);
  return json;
}

std::string page(const Results& results, const Options& options, const nlohmann::json& json) {
  plot::Page made(std::string(program_name) + ": the largest lag solved");
  made.code(command_line());
  made.paragraph(
      "Each network has " + std::to_string(options.budget.updates) + " updates of " +
      std::to_string(options.budget.batch_size) +
      " fresh sequences at each lag and learning rate. The rate is chosen on validation sequences.");
  made.heading("Largest lag solved").table(table_header(results.tasks), largest_table(results, options));
  const std::string of = std::string("task ") + memory_task_name(results.tasks.front());
  made.heading("What is left of the gradient")
      .figure(reach_svg(results.reaches, &Reach::before, options.gradient_lag),
              of + ", first weights: norm of d loss / d x by steps before the answer, as a share of the last "
                   "step's. A line ends where less than 1e-16 is left.")
      .figure(reach_svg(results.reaches, &Reach::after, options.gradient_lag),
              "The same after training at the largest lag that each network solved.");
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : json.at("table"))
    rows.push_back({row["task"].get<std::string>(), row["network"].get<std::string>(), row["lag"].dump(),
                    row["learning_rate"].dump(), row["updates"].dump(), row["valid"].dump(),
                    row["test"].dump(), row["solved"].get<bool>() ? "yes" : "no"});
  made.heading("All runs")
      .table({"task", "network", "lag", "learning rate", "updates", "validation", "test", "solved"}, rows);
  made.heading("Configuration").code(io::json_text(json.at("config")));
  return made.html();
}

void run(Options& options) {
  const auto start = std::chrono::steady_clock::now();
  const io::SignalWatch watch;
  std::size_t positions = 0;
  options.budget.on_update = [&](std::size_t read) {
    positions += read;
    SignalWatch::check("nothing is written");
  };
  Results results{chosen_tasks(options), chosen_cells(options), {}, {}};
  std::cout << options.budget.updates << " updates of " << options.budget.batch_size << " sequences, "
            << options.budget.hidden << " units; " << options.run.text() << std::endl;
  for (const MemoryTask task : results.tasks)
    for (const auto& cell : results.cells) results.climbs[{task, cell.cell}] = climb(options, task, cell);
  const MemoryTask first = results.tasks.front();
  const MemoryProblem probe = options.problem(first, options.gradient_lag);
  for (const auto& cell : results.cells) {
    const Climb& learned = results.of(first, cell);
    results.reaches.push_back({cell, learned.trained_at,
                               gradient_norms(probe, probe.net(cell.cell, options.budget.hidden)),
                               gradient_norms(probe, *learned.net)});
  }
  std::cout << "\nlargest lag solved:\n";
  print_table(std::cout, table_header(results.tasks), largest_table(results, options));

  auto json = to_json(results, options);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  json["seconds"] = seconds;
  json["tokens_per_second"] = static_cast<double>(positions) / seconds;
  std::cout << "\n"
            << duration_text(seconds) << ", "
            << static_cast<long long>(static_cast<double>(positions) / seconds) << " positions/s\n";
  if (!options.run.json.empty()) io::write_file_atomically(options.run.json, io::json_text(json));
  if (options.run.writes_page()) io::write_file_atomically(options.run.report, page(results, options, json));
  if (options.out.empty()) return;
  const std::vector<std::string> texts = {lags_csv(results), gradients_csv(results),
                                          reach_svg(results.reaches, &Reach::before, options.gradient_lag),
                                          reach_svg(results.reaches, &Reach::after, options.gradient_lag)};
  for (std::size_t i = 0; i < texts.size(); ++i)
    io::write_file_atomically(options.out + endings[i], texts[i]);
}

// ---- options

void add_options(CLI::App& app, Options& options) {
  app.add_option("--tasks", options.tasks, "copy, adding, parity: which of them")->default_str("all");
  app.add_option("--cells", options.cells,
                 "rnn, lstm0 and lstm1 (forget bias 0 and 1), gru, lstm_norm (layer norm): which of them")
      ->default_str("all");
  const auto number = [&](const char* name, std::size_t& value, std::uint64_t most, const char* help) {
    app.add_option(name, value, help)->check(whole_number(most))->capture_default_str();
  };
  app.add_option("--lags", options.lags, "steps to remember, rising; a network ends at the first unsolved")
      ->check(whole_number())
      ->capture_default_str();
  number("--updates", options.budget.updates, most_counted, "for each network, lag and learning rate");
  number("--batch-size", options.budget.batch_size, most_counted, "fresh sequences per update");
  number("--hidden", options.budget.hidden, most_units, "units of the recurrent layer");
  app.add_option("--learning-rates", options.budget.learning_rates,
                 "of Adam, for every network; the one with the best validation is tested")
      ->capture_default_str();
  number("--symbols", options.task.symbols, most_letters, "copy: different symbols");
  number("--copied", options.task.copied, most_counted, "copy: symbols to remember");
  number("--shortest-lag", options.task.shortest_lag, most_counted,
         "train on lags from here to the one that is tested; 0: on that one alone");
  number("--gradient-lag", options.gradient_lag, most_counted, "steps over which gradients are shown");
  number("--valid", options.budget.valid, most_counted, "validation sequences");
  number("--test", options.budget.test, most_counted, "test sequences");
  app.add_option("--seed", options.run.seed, "draws sequences and weights")
      ->check(seed_number())
      ->capture_default_str();
  options.run.MachineOptions::add_to(app);
  app.add_option("--json", options.run.json, "write lags, gradients and configuration to this file");
  app.add_option("--out", options.out,
                 "PREFIX of PREFIX.lags.csv, .gradients.csv, and .before.svg and .after.svg, the gradients");
  options.run.add_page_to(app);
}

/// Throws option_error for a name that is none; all names where none was given.
void check_names(const char* option, std::vector<std::string>& given, const std::vector<std::string>& known) {
  if (given.empty()) given = known;
  for (const auto& name : given) {
    if (std::count(known.begin(), known.end(), name) > 0) continue;
    std::string all;
    for (const auto& one : known) all += (all.empty() ? "" : ", ") + one;
    throw option_error(std::string(option) + " '" + name + "' is none of: " + all);
  }
}

void check(Options& options) {
  options.run.check_page();
  check_names("--tasks", options.tasks, task_names());
  check_names("--cells", options.cells, cell_keys());
  for (const auto& [name, value] : {std::pair{"--updates", options.budget.updates},
                                    {"--batch-size", options.budget.batch_size},
                                    {"--hidden", options.budget.hidden},
                                    {"--valid", options.budget.valid},
                                    {"--test", options.budget.test},
                                    {"--copied", options.task.copied},
                                    {"--lags", options.lags.front()}})
    check_at_least_one(name, value);
  for (std::size_t i = 1; i < options.lags.size(); ++i)
    if (options.lags[i] <= options.lags[i - 1])
      throw option_error("--lags has " + std::to_string(options.lags[i]) + " after " +
                         std::to_string(options.lags[i - 1]) + ", expected lags that rise");
  for (const std::size_t lag : {options.lags.front(), options.gradient_lag})
    for (const MemoryTask task : chosen_tasks(options))
      static_cast<void>(options.problem(task, lag).judging(1, MemoryProblem::probe));  // what is out of range
  for (const double rate : options.budget.learning_rates)
    if (!(rate > 0 && std::isfinite(rate)))
      throw option_error("--learning-rates has " + std::to_string(rate) +
                         ", expected finite numbers above 0, for instance 0.01");
  if (options.run.of_networks() != Precision::f32)
    throw option_error("--precision is " + options.run.precision +
                       ", but the networks are compared in f32; leave it out");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("How far back recurrent networks remember", program_name);
  Options options;
  add_options(app, options);
  return run_program(app, argc, argv, [&] {
    check(options);
    io::FilePlan files;
    files.output("--json", options.run.json);
    files.output("--report", options.run.report);
    files.outputs("--out", options.out, endings);
    check_files(files);
    options.run.start();
    run(options);
  });
}
