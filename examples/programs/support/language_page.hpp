// What a language model learned, as a page to look at.
#pragma once

#include <iomanip>
#include <seqlstm/plot/all.hpp>
#include <sstream>

#include "support/program.hpp"

namespace examples {

/// From what the program writes as JSON. `valid_loss(epoch)` is the number that one of its epochs has of
/// validation, NaN without.
template <class ValidLoss>
std::string language_page(const std::string& program, const nlohmann::json& json, ValidLoss valid_loss) {
  namespace plot = seqlstm::plot;
  plot::Page page(program);
  page.code(command_line());
  std::vector<std::vector<std::string>> metrics;
  for (const auto& [name, value] : json.at("metrics").items()) {
    std::ostringstream text;
    text << std::setprecision(5);
    if (value.is_number()) text << value.template get<double>();
    metrics.push_back({name, text.str()});
  }
  page.heading("Held-out part").table({"metric", "value"}, metrics);
  plot::Series train{"training", {}, {}}, valid{"validation", {}, {}}, rate{"", {}, {}};
  for (const auto& epoch : json.at("epochs")) {
    const auto number = epoch.at("epoch").template get<double>();
    train.x.push_back(number);
    train.y.push_back(epoch.at("train_loss").template get<double>());
    valid.x.push_back(number);
    valid.y.push_back(valid_loss(epoch));
    rate.x.push_back(number);
    rate.y.push_back(epoch.at("tokens_per_second").template get<double>());
  }
  if (!train.x.empty()) {
    page.heading("Training")
        .figure(plot::figure_svg({train, valid}, {.x_title = "epoch", .y_title = "loss"}),
                "Loss of every epoch, in nats a token.")
        .figure(plot::figure_svg({rate}, {.x_title = "epoch", .y_title = "tokens a second"}), "Speed.");
  }
  page.heading("Configuration").code(seqlstm::io::json_text(json.at("config")));
  return page.html();
}

}  // namespace examples
