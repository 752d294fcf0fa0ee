#pragma once
// The ticks of a chart's axis: their places and their texts.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "memsizer/report/number_text.hpp"

namespace memsizer::report {

/// The scale of an axis.
enum class Scale { linear, log2, log10 };
/// The texts at the ticks: plain numbers, or bytes as KiB, MiB ...
enum class TickText { number, bytes };

struct Tick {
  double value;
  std::string text;
};

/// An axis from low to high, with ticks in between.
struct TickedRange {
  double low, high;
  std::vector<Tick> ticks;
};

namespace detail {

/// The distance between ticks: 1, 2 or 5 times a power of ten, near span / 6.
inline double tick_step(double span) {
  const double rough = span / 6, power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough * 0.999) return factor * power;
  return 10 * power;
}

inline std::string tick_text(double value, TickText kind) {
  if (kind == TickText::bytes && value >= 0 && value < 9e18) return bytes_text(std::llround(value));
  if (std::abs(value) >= 1000 && std::abs(value) < 1e15 && value == std::round(value))
    return with_thousands(std::llround(value));
  return short_number(value, 10);
}

/// The powers of the base between low and high: all of them, or every second, third .. if there would be more
/// than 8.
inline std::vector<double> powers(double base, double low, double high) {
  const double first = std::ceil(std::log(low) / std::log(base) - 1e-9),
               last = std::floor(std::log(high) / std::log(base) + 1e-9);
  const double every = std::max(1.0, std::ceil((last - first + 1) / 8));
  std::vector<double> values;
  for (double exponent = first; exponent <= last; exponent += every)
    values.push_back(std::pow(base, exponent));
  return values;
}

/// The number next to `value`, below or above it, that is 1, 2 or 5 times a power of ten.
inline double fine_decade(double value, bool above) {
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  double below = power;
  for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
    if (factor * power >= value * (1 - 1e-9))
      return above || factor * power <= value ? factor * power : below;
    below = factor * power;
  }
  return above ? 10 * power : below;
}

inline std::vector<double> fine_decades(double low, double high) {
  std::vector<double> values;
  for (double value = fine_decade(low, true); value <= high * (1 + 1e-9);
       value = fine_decade(value * 1.5, true))
    values.push_back(value);
  return values;
}

inline TickedRange linear_range(double low, double high, bool widen, TickText text) {
  if (low == high) {
    const double room = low == 0 ? 1 : std::abs(low) / 2;
    low -= room;
    high += room;
  }
  if (low > 0 && low <= 0.2 * high) low = 0;
  const double step = tick_step(high - low);
  if (widen) {
    low = std::floor(low / step + 1e-9) * step;
    high = std::ceil(high / step - 1e-9) * step;
  }
  TickedRange range{low, high, {}};
  // We count the ticks, because a step may be too small to change a large number.
  const double first = std::ceil(low / step - 1e-9);
  const int count = static_cast<int>(std::min(100.0, std::floor(high / step + 1e-9) - first + 1));
  for (int i = 0; i < count; ++i) {
    const double value = (first + i) * step + 0.0;
    range.ticks.push_back({value, tick_text(value, text)});
  }
  return range;
}

inline TickedRange log_range(double base, double low, double high, bool widen, TickText text) {
  if (low == high) {
    low /= base;
    high *= base;
  }
  const bool fine = base == 10 && high / low < 300;
  if (widen && fine) {
    low = fine_decade(low, false);
    high = fine_decade(high, true);
  } else if (widen) {
    low = std::pow(base, std::floor(std::log(low) / std::log(base) + 1e-9));
    high = std::pow(base, std::ceil(std::log(high) / std::log(base) - 1e-9));
  }
  const double room = std::pow(high / low, 0.015);  // so that the outermost points are inside the frame
  TickedRange range{low / room, high * room, {}};
  for (const double value : fine ? fine_decades(low, high) : powers(base, low, high))
    range.ticks.push_back({value, tick_text(value, text)});
  return range;
}

}  // namespace detail

/// The range and the ticks for values from low to high. The values must be finite and, on a logarithmic axis,
/// above 0. If `widen` is true, the range grows to the next ticks. A linear range that begins near 0 begins
/// at 0.
inline TickedRange ticked_range(double low, double high, Scale scale, bool widen,
                                TickText text = TickText::number) {
  if (scale == Scale::linear) return detail::linear_range(low, high, widen, text);
  return detail::log_range(scale == Scale::log2 ? 2 : 10, low, high, widen, text);
}

}  // namespace memsizer::report
