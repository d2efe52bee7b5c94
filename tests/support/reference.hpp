// Plain double references of the kernels: loops as in a textbook, one sequence at a time.
#pragma once

#include <cmath>
#include <cstddef>
#include <seqlstm/core/random.hpp>
#include <vector>

namespace reference {

/// Row-major numbers; a vector is a matrix of one row.
struct Matrix {
  std::size_t rows = 0, cols = 0;
  std::vector<double> data;

  Matrix() = default;
  Matrix(std::size_t row_count, std::size_t col_count)
      : rows(row_count), cols(col_count), data(row_count * col_count) {}
  double& operator()(std::size_t r, std::size_t c) { return data[r * cols + c]; }
  double operator()(std::size_t r, std::size_t c) const { return data[r * cols + c]; }
};

/// Uniform in [-1, 1), rounded to float so that float and double kernels see the same numbers.
inline Matrix random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  seqlstm::RandomStream random(seed);
  Matrix m(rows, cols);
  for (auto& v : m.data) v = static_cast<float>(random.uniform(-1, 1));
  return m;
}

inline Matrix transposed(const Matrix& a) {
  Matrix t(a.cols, a.rows);
  for (std::size_t r = 0; r < a.rows; ++r)
    for (std::size_t c = 0; c < a.cols; ++c) t(c, r) = a(r, c);
  return t;
}

/// a * b.
inline Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows, b.cols);
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < b.cols; ++j)
      for (std::size_t k = 0; k < a.cols; ++k) c(i, j) += a(i, k) * b(k, j);
  return c;
}

/// One direction of an LSTM layer as PyTorch stores it: gates i, f, g, o below each other.
struct LstmWeights {
  Matrix ih, hh, bias_ih, bias_hh;  // [4H, I], [4H, H], [1, 4H], [1, 4H]

  static LstmWeights zero(std::size_t input, std::size_t hidden) {
    return {Matrix(4 * hidden, input), Matrix(4 * hidden, hidden), Matrix(1, 4 * hidden),
            Matrix(1, 4 * hidden)};
  }
  static LstmWeights random(std::size_t input, std::size_t hidden, std::uint64_t seed) {
    return {random_matrix(4 * hidden, input, seed), random_matrix(4 * hidden, hidden, seed + 1),
            random_matrix(1, 4 * hidden, seed + 2), random_matrix(1, 4 * hidden, seed + 3)};
  }
};

inline double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

/// Forward and backward of one sequence, steps in the order they are computed in. `factor` is what happens to
/// the factors of every product, to the gates that are kept for the backward pass and to gate gradients.
struct LstmSequence {
  double (*factor)(double) = [](double v) { return v; };
  Matrix gates, c, y;       // [T, 4H] after their functions, [T, H], [T, H]
  Matrix dx, dgates;        // [T, I], [T, 4H] of the pre-activations
  Matrix h0, c0, dh0, dc0;  // [1, H]

  /// x is [T, I].
  void forward(const LstmWeights& w, const Matrix& x, const Matrix& first_h, const Matrix& first_c) {
    const std::size_t steps = x.rows, hidden = w.hh.cols;
    gates = Matrix(steps, 4 * hidden);
    c = y = Matrix(steps, hidden);
    h0 = first_h;
    c0 = first_c;
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::size_t k = 0; k < 4 * hidden; ++k) {
        double a = w.bias_ih(0, k) + w.bias_hh(0, k);
        for (std::size_t i = 0; i < x.cols; ++i) a += factor(w.ih(k, i)) * factor(x(t, i));
        for (std::size_t j = 0; j < hidden; ++j) a += factor(w.hh(k, j)) * factor(h_before(t, j));
        gates(t, k) = k / hidden == 2 ? std::tanh(a) : sigmoid(a);
      }
      for (std::size_t u = 0; u < hidden; ++u) {
        c(t, u) = gate(1, t, u) * c_before(t, u) + gate(0, t, u) * gate(2, t, u);
        y(t, u) = gate(3, t, u) * std::tanh(c(t, u));
      }
    }
  }

  /// dy is [T, H]; dh_n and dc_n are gradients of the last states. Adds to `gradient`.
  void backward(const LstmWeights& w, const Matrix& x, const Matrix& dy, const Matrix& dh_n,
                const Matrix& dc_n, LstmWeights& gradient) {
    const std::size_t steps = x.rows, hidden = w.hh.cols;
    dx = Matrix(steps, x.cols);
    dgates = Matrix(steps, 4 * hidden);
    dh0 = dh_n;
    dc0 = dc_n;
    for (std::size_t t = steps; t-- > 0;) {
      Matrix dh_before(1, hidden);
      for (std::size_t u = 0; u < hidden; ++u) {
        const double i = factor(gate(0, t, u)), f = factor(gate(1, t, u)), g = factor(gate(2, t, u)),
                     o = factor(gate(3, t, u));
        const double tanh_c = std::tanh(c(t, u)), dh = dy(t, u) + dh0(0, u);
        const double dc = dc0(0, u) + dh * o * (1 - tanh_c * tanh_c);
        dgates(t, u) = dc * g * i * (1 - i);
        dgates(t, hidden + u) = dc * c_before(t, u) * f * (1 - f);
        dgates(t, 2 * hidden + u) = dc * i * (1 - g * g);
        dgates(t, 3 * hidden + u) = dh * tanh_c * o * (1 - o);
        dc0(0, u) = dc * f;
      }
      for (std::size_t k = 0; k < 4 * hidden; ++k) {
        const double d = dgates(t, k) = factor(dgates(t, k));
        for (std::size_t i = 0; i < x.cols; ++i) {
          gradient.ih(k, i) += d * factor(x(t, i));
          dx(t, i) += d * factor(w.ih(k, i));
        }
        for (std::size_t j = 0; j < hidden; ++j) {
          gradient.hh(k, j) += d * factor(h_before(t, j));
          dh_before(0, j) += d * factor(w.hh(k, j));
        }
        gradient.bias_ih(0, k) += d;
        gradient.bias_hh(0, k) += d;
      }
      dh0 = dh_before;
    }
  }

 private:
  [[nodiscard]] double gate(std::size_t which, std::size_t t, std::size_t u) const {
    return gates(t, which * c.cols + u);
  }
  [[nodiscard]] double h_before(std::size_t t, std::size_t u) const {
    return t == 0 ? h0(0, u) : y(t - 1, u);
  }
  [[nodiscard]] double c_before(std::size_t t, std::size_t u) const {
    return t == 0 ? c0(0, u) : c(t - 1, u);
  }
};

/// The same of a GRU: gates r, z, n below each other; its weights are those of an LSTM with three gates.
struct GruSequence {
  bool reset_after = true;
  Matrix n, r, z, m, y;             // [T, H]; m is W_hn h + b_hn, or r h where the reset gate acts first
  Matrix dx, dinput, dhidden, dh0;  // [T, I]; [T, 3H] of the terms in x, in h; [1, H]
  Matrix h0;

  static LstmWeights random(std::size_t input, std::size_t hidden, std::uint64_t seed) {
    return {random_matrix(3 * hidden, input, seed), random_matrix(3 * hidden, hidden, seed + 1),
            random_matrix(1, 3 * hidden, seed + 2), random_matrix(1, 3 * hidden, seed + 3)};
  }
  static LstmWeights zero(std::size_t input, std::size_t hidden) {
    return {Matrix(3 * hidden, input), Matrix(3 * hidden, hidden), Matrix(1, 3 * hidden),
            Matrix(1, 3 * hidden)};
  }

  void forward(const LstmWeights& w, const Matrix& x, const Matrix& first_h) {
    const std::size_t steps = x.rows, hidden = w.hh.cols;
    n = r = z = m = y = Matrix(steps, hidden);
    h0 = first_h;
    for (std::size_t t = 0; t < steps; ++t) {
      const auto input = [&](std::size_t k) {
        double sum = w.bias_ih(0, k);
        for (std::size_t i = 0; i < x.cols; ++i) sum += w.ih(k, i) * x(t, i);
        return sum;
      };
      const auto recurrent = [&](std::size_t k, auto&& h) {
        double sum = w.bias_hh(0, k);
        for (std::size_t j = 0; j < hidden; ++j) sum += w.hh(k, j) * h(j);
        return sum;
      };
      const auto h = [&](std::size_t j) { return h_before(t, j); };
      for (std::size_t u = 0; u < hidden; ++u) {
        r(t, u) = sigmoid(input(u) + recurrent(u, h));
        z(t, u) = sigmoid(input(hidden + u) + recurrent(hidden + u, h));
        m(t, u) = reset_after ? recurrent(2 * hidden + u, h) : r(t, u) * h(u);
      }
      for (std::size_t u = 0; u < hidden; ++u) {
        const double share = reset_after ? r(t, u) * m(t, u)
                                         : recurrent(2 * hidden + u, [&](std::size_t j) { return m(t, j); });
        n(t, u) = std::tanh(input(2 * hidden + u) + share);
        y(t, u) = (1 - z(t, u)) * n(t, u) + z(t, u) * h(u);
      }
    }
  }

  /// dy is [T, H]; dh_n is the gradient of the last state. Adds to `gradient`.
  void backward(const LstmWeights& w, const Matrix& x, const Matrix& dy, const Matrix& dh_n,
                LstmWeights& gradient) {
    const std::size_t steps = x.rows, hidden = w.hh.cols;
    dx = Matrix(steps, x.cols);
    dinput = dhidden = Matrix(steps, 3 * hidden);
    dh0 = dh_n;
    for (std::size_t t = steps; t-- > 0;) {
      Matrix dh_before(1, hidden), dreset(1, hidden);
      for (std::size_t u = 0; u < hidden; ++u) {
        const double dh = dy(t, u) + dh0(0, u), h = h_before(t, u);
        const double dn = dh * (1 - z(t, u)) * (1 - n(t, u) * n(t, u));
        dinput(t, 2 * hidden + u) = dn;
        dinput(t, hidden + u) = dh * (h - n(t, u)) * z(t, u) * (1 - z(t, u));
        dinput(t, u) = dn * m(t, u) * r(t, u) * (1 - r(t, u));
        dhidden(t, 2 * hidden + u) = reset_after ? dn * r(t, u) : dn;
        dh_before(0, u) = dh * z(t, u);
      }
      if (!reset_after)
        for (std::size_t j = 0; j < hidden; ++j) {
          for (std::size_t u = 0; u < hidden; ++u)
            dreset(0, j) += dinput(t, 2 * hidden + u) * w.hh(2 * hidden + u, j);
          dinput(t, j) = dreset(0, j) * h_before(t, j) * r(t, j) * (1 - r(t, j));
          dh_before(0, j) += dreset(0, j) * r(t, j);
        }
      for (std::size_t k = 0; k < 3 * hidden; ++k) {
        if (k < 2 * hidden) dhidden(t, k) = dinput(t, k);
        for (std::size_t i = 0; i < x.cols; ++i) {
          gradient.ih(k, i) += dinput(t, k) * x(t, i);
          dx(t, i) += dinput(t, k) * w.ih(k, i);
        }
        const bool of_reset = !reset_after && k >= 2 * hidden;
        for (std::size_t j = 0; j < hidden; ++j) {
          gradient.hh(k, j) += dhidden(t, k) * (of_reset ? m(t, j) : h_before(t, j));
          if (!of_reset) dh_before(0, j) += dhidden(t, k) * w.hh(k, j);
        }
        gradient.bias_ih(0, k) += dinput(t, k);
        gradient.bias_hh(0, k) += dhidden(t, k);
      }
      dh0 = dh_before;
    }
  }

 private:
  [[nodiscard]] double h_before(std::size_t t, std::size_t u) const {
    return t == 0 ? h0(0, u) : y(t - 1, u);
  }
};

}  // namespace reference
