#include <seqlstm/plot/sections.hpp>

#include <cmath>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

std::size_t figures(const std::string& html) {
  std::size_t count = 0;
  for (std::size_t at = html.find("<svg"); at != std::string::npos; at = html.find("<svg", at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("sections: metrics beside those of other models") {
  const std::vector<double> labels = {0, 1, 1}, values = {0.2, 0.7, 0.4};
  const auto report = classification_report(labels, {values.data(), 3, 1}, {"no", "yes"});
  plot::Page page("t");
  plot::add_metrics(page, report, {{"linear", report}});
  CHECK_THAT(page.html(), ContainsSubstring("<th>linear</th>") && ContainsSubstring("0.6667") &&
                              ContainsSubstring("of class 'yes'"));
}

TEST_CASE("sections: losses, or nothing without an epoch") {
  plot::Page page("t"), empty("t");
  plot::add_losses(page, std::vector<double>{2, 1}, std::vector<double>{2.5, std::nan("")}, 2);
  CHECK_THAT(page.html(), ContainsSubstring("the weights are those of epoch 2"));
  CHECK(figures(page.html()) == 1);
  plot::add_losses(empty, {}, {});
  CHECK(empty.html() == plot::Page("t").html());
}

TEST_CASE("sections: of two classes, of several, and of labels") {
  const auto drawn = [](const std::vector<double>& labels, std::size_t cols, std::vector<double> values,
                        const Report& report) {
    const ConstMatrixView<double> view(values.data(), values.size() / cols, cols);
    plot::Page page("t");
    plot::add_classes(page, labels, view, report, per_class_metrics(labels, view, {"a", "b", "c"}));
    return page.html();
  };
  const std::vector<double> two = {0, 1, 1, 0}, column = {0.1, 0.8, 0.6, 0.3};
  const auto of_two = drawn(two, 1, column, classification_report(two, {column.data(), 4, 1}, {"a", "b"}));
  CHECK(figures(of_two) == 5);
  CHECK_THAT(of_two, ContainsSubstring("predicted probability of 'b'"));
  const std::vector<double> three = {0, 1, 2}, columns = {0.6, 0.2, 0.2, 0.1, 0.8, 0.1, 0.5, 0.3, 0.2};
  const auto of_three =
      drawn(three, 3, columns, classification_report(three, {columns.data(), 3, 3}, {"a", "b", "c"}));
  CHECK(figures(of_three) == 5);
  CHECK_THAT(of_three, ContainsSubstring("where it is right"));
  const auto of_labels = drawn({1, 0, 0, 1, 1, 0}, 2, {0.6, 0.2, 0.2, 0.9, 0.7, 0.4}, {});
  CHECK(figures(of_labels) == 2);  // neither confusions nor one probability a row
  CHECK_THAT(of_labels, ContainsSubstring("<h2>Classes</h2>"));
}

TEST_CASE("sections: numbers as points") {
  plot::Page page("t");
  plot::add_numbers(page, std::vector<double>{1, 2}, std::vector<double>{1.5, 2.5});
  CHECK(figures(page.html()) == 1);
}
