// Reference vectors, and the comparison with them. tests/golden/README.md tells what each file holds.
#pragma once

#include <cmath>
#include <cstddef>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/paths.hpp"

/// One case: {"config": {...}, "tensors": {name: {"shape": [...], "data": [...]}}}, data row-major.
struct Golden {
  struct Tensor {
    std::vector<std::size_t> shape;
    std::vector<double> data;
  };

  std::string name;
  nlohmann::json config;
  std::map<std::string, Tensor> tensors;

  /// Reads NAME.json of the folder SEQLSTM_GOLDEN, or of the project's own; a missing file fails the test.
  static Golden load(const std::string& name) {
    const std::string path = support::golden_file(name + ".json");
    INFO("reference vectors: " << path);
    std::ifstream file(path);
    REQUIRE(file.good());
    return parse(name, nlohmann::json::parse(file));
  }

  static Golden parse(const std::string& name, const nlohmann::json& json) {
    Golden golden{name, json.at("config"), {}};
    for (const auto& [key, value] : json.at("tensors").items()) {
      Tensor tensor{value.at("shape"), value.at("data")};
      std::size_t size = 1;
      for (const std::size_t extent : tensor.shape) size *= extent;
      INFO("tensor '" << key << "' of " << name);
      REQUIRE(tensor.data.size() == size);
      golden.tensors.emplace(key, std::move(tensor));
    }
    return golden;
  }

  /// A tensor by name; one that is not there fails the test and says which are.
  [[nodiscard]] const Tensor& tensor(const std::string& key) const {
    const auto found = tensors.find(key);
    if (found == tensors.end()) {
      std::string known;
      for (const auto& entry : tensors) known += " " + entry.first;
      FAIL("reference vectors '" << name << "' have no tensor '" << key << "'; there are:" << known);
    }
    return found->second;
  }
};

/// What is wrong with `actual`, or nothing where max|actual - reference| <= tolerance * max(1,
/// max|reference|). NaN and infinity on either side are wrong.
template <class T>
std::string difference(std::span<const T> actual, std::span<const double> reference, double tolerance) {
  std::ostringstream out;
  out.precision(17);
  if (actual.size() != reference.size()) {
    out << actual.size() << " elements, expected " << reference.size();
    return out.str();
  }
  double largest = 1;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    if (!std::isfinite(reference[i])) {
      out << "reference element " << i << " is " << reference[i];
      return out.str();
    }
    largest = std::max(largest, std::abs(reference[i]));
  }
  std::size_t worst = 0, wrong = 0;
  double worst_distance = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double distance = std::abs(double{actual[i]} - reference[i]);
    if (distance <= tolerance * largest) continue;
    // A NaN compares with nothing: it comes this way, and no later distance takes its place.
    if (wrong++ == 0 || distance > worst_distance || (std::isnan(distance) && !std::isnan(worst_distance))) {
      worst = i;
      worst_distance = distance;
    }
  }
  if (wrong > 0)
    out << wrong << " of " << reference.size() << " elements differ by more than " << tolerance * largest
        << "; worst: element " << worst << " is " << double{actual[worst]} << ", expected "
        << reference[worst];
  return out.str();
}

template <class T>
void check_close(std::span<const T> actual, std::span<const double> reference, double tolerance,
                 const std::string& what) {
  INFO(what);
  CHECK(difference(actual, reference, tolerance) == "");
}
