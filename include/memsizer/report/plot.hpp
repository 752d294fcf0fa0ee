#pragma once
// Charts. A Chart describes what to plot, and gnuplot draws it as SVG or PNG.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/files/atomic_file.hpp"
#include "memsizer/report/axis_ticks.hpp"
#include "memsizer/report/gnuplot.hpp"

namespace memsizer::report {

enum class SeriesStyle { line, faint_line, line_with_points, points };

/// One curve. A point that is not finite, or not above 0 on a logarithmic axis, leaves a gap.
struct Series {
  std::string title;
  std::vector<double> x, y;
  SeriesStyle style = SeriesStyle::line;
  int color = -1;  // series that belong together share a color; -1: the next free color
};

struct Axis {
  std::string title;
  Scale scale = Scale::linear;
  TickText tick_text = TickText::number;
};

struct Chart {
  std::string title;
  Axis x, y;
  std::vector<Series> series;
};

/// The file to which a chart was written.
struct DrawnChart {
  std::filesystem::path file;
  std::string why_no_picture = {};  // if not empty, the file has the data instead

  bool is_picture() const { return why_no_picture.empty(); }
};

namespace detail {

/// Colors that people with any kind of color vision can distinguish (Okabe and Ito 2008), without the yellow.
inline constexpr std::array series_colors{"0072B2", "D55E00", "009E73", "CC79A7",
                                          "E69F00", "56B4E9", "000000"};
inline constexpr std::array series_points{7, 5, 9, 13, 11, 6, 4};

/// A text as a gnuplot string in single quotes, in which only the quote is special. Control characters become
/// spaces.
inline std::string gnuplot_string(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return quoted + '\'';
}

inline std::string exact(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

inline bool can_stand(double value, const Axis& axis) {
  return std::isfinite(value) && (axis.scale == Scale::linear || value > 0);
}

inline bool can_stand(const Chart& chart, const Series& series, std::size_t i) {
  return can_stand(series.x[i], chart.x) && can_stand(series.y[i], chart.y);
}

/// A line for each point; an empty line for a gap.
inline std::string data_lines(const Chart& chart, const Series& series) {
  std::string lines;
  for (std::size_t i = 0; i < series.x.size(); ++i)
    lines += (can_stand(chart, series, i) ? exact(series.x[i]) + ' ' + exact(series.y[i]) : "") + '\n';
  return lines;
}

inline TickedRange range_of(const Chart& chart, const Axis& axis, std::vector<double> Series::*values,
                            bool widen) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Series& series : chart.series)
    for (std::size_t i = 0; i < series.x.size(); ++i)
      if (can_stand(chart, series, i)) {
        low = std::min(low, (series.*values)[i]);
        high = std::max(high, (series.*values)[i]);
      }
  require(low <= high, "chart \"", chart.title, "\": there is no point to draw");
  return ticked_range(low, high, axis.scale, widen, axis.tick_text);
}

inline std::string axis_script(const std::string& name, const Axis& axis, const TickedRange& range) {
  std::string script;
  if (axis.scale != Scale::linear)
    script += "set logscale " + name + (axis.scale == Scale::log2 ? " 2\n" : " 10\n");
  script += "set " + name + "range [" + exact(range.low) + ':' + exact(range.high) + "]\n";
  script += "set " + name + "tics (";
  for (const Tick& tick : range.ticks)
    script += (&tick == range.ticks.data() ? "" : ", ") + gnuplot_string(tick.text) + ' ' + exact(tick.value);
  return script + ")\n";
}

inline std::string terminal_script(bool svg) {
  return svg ? "set terminal svg noenhanced size 960,560 dynamic font 'DejaVu Sans,Helvetica,sans-serif,13' "
               "linewidth 1.2 background '#ffffff'\nset pointsize 0.7\n"
             : "set terminal pngcairo noenhanced size 1600,930 fontscale 1.66 linewidth 2 "
               "font 'DejaVu Sans,13' background '#ffffff'\nset pointsize 1.4\n";
}

/// The chart's title is at the top left. The title of the vertical axis is horizontal, above the axis.
inline std::string layout_script(const Chart& chart) {
  return "set encoding utf8\n"
         "set border 3 linecolor '#9aa0a6' linewidth 0.8\n"
         "set tics nomirror scale 0.5 textcolor '#3c4043'\n"
         "set grid xtics ytics linetype 1 linecolor '#e6e8eb' linewidth 0.7\n"
         "set tmargin 5.2\n"
         "set bmargin 3.8\n"
         "set label 1 " +
         gnuplot_string(chart.title) +
         " at screen 0.02,0.94 left font ',16' textcolor '#202124'\n"
         "set label 2 " +
         gnuplot_string(chart.y.title) +
         " at screen 0.02,graph 1 left offset 0,1.3 textcolor '#3c4043'\n"
         "set xlabel " +
         gnuplot_string(chart.x.title) +
         " textcolor '#3c4043'\n"
         "set key outside right top vertical Left reverse samplen 2 spacing 1.35 textcolor '#202124'\n";
}

inline std::string series_script(const Series& series, std::size_t index, int color) {
  const auto place = static_cast<std::size_t>(color);
  const std::string name = series_colors[place % series_colors.size()];
  const std::string point = std::to_string(series_points[place % series_points.size()]);
  std::string script = "$series" + std::to_string(index) + " using 1:2 ";
  switch (series.style) {
    case SeriesStyle::line:
      script += "with lines linewidth 2 linecolor rgb '#" + name + '\'';
      break;
    case SeriesStyle::faint_line:
      script += "with lines linewidth 1 linecolor rgb '#99" + name + '\'';
      break;
    case SeriesStyle::line_with_points:
      script += "with linespoints linewidth 2 pointtype " + point + " linecolor rgb '#" + name + '\'';
      break;
    case SeriesStyle::points:
      script += "with points pointtype " + point + " linecolor rgb '#" + name + '\'';
      break;
  }
  return script + (series.title.empty() ? " notitle" : " title " + gnuplot_string(series.title));
}

}  // namespace detail

/// The gnuplot script that draws a chart to standard output. InputError if there is nothing to draw, or if a
/// series does not have as many x as y.
inline std::string gnuplot_script(const Chart& chart, bool svg) {
  for (const Series& series : chart.series)
    require(series.x.size() == series.y.size(), "chart \"", chart.title, "\": series \"", series.title,
            "\" has ", series.x.size(), " x and ", series.y.size(), " y");
  std::string script = detail::terminal_script(svg) + detail::layout_script(chart);
  script += detail::axis_script("x", chart.x, detail::range_of(chart, chart.x, &Series::x, false));
  script += detail::axis_script("y", chart.y, detail::range_of(chart, chart.y, &Series::y, true));
  for (std::size_t i = 0; i < chart.series.size(); ++i)
    script += "$series" + std::to_string(i) + " << end_of_series\n" +
              detail::data_lines(chart, chart.series[i]) + "end_of_series\n";
  script += "plot ";
  int next = 0;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const int color = chart.series[i].color < 0 ? next : chart.series[i].color;
    next = std::max(next, color + 1);
    script += (i == 0 ? "" : ", ") + detail::series_script(chart.series[i], i, color);
  }
  return script + '\n';
}

/// The chart's data in gnuplot's format: a block of "x y" lines for each series, with two empty lines between
/// blocks.
inline std::string chart_data(const Chart& chart) {
  std::string text;
  for (const Series& series : chart.series)
    text += (text.empty() ? "# " : "\n\n# ") + detail::gnuplot_string(series.title) + ": " +
            detail::gnuplot_string(chart.x.title) + ", " + detail::gnuplot_string(chart.y.title) + '\n' +
            detail::data_lines(chart, series);
  return text;
}

namespace detail {

/// Whether the picture is complete. gnuplot does not always report that the disk for its output was full.
inline bool is_whole_picture(std::string_view picture, bool svg) {
  const std::string_view end = svg ? std::string_view("</svg>") : std::string_view("IEND\xAE\x42\x60\x82");
  while (svg && picture.ends_with('\n')) picture.remove_suffix(1);
  return picture.ends_with(end);
}

/// The picture that gnuplot made from a script, or the reason why there is none.
struct Picture {
  std::string bytes, why_none = {};
};

inline Picture picture_of(const std::string& script, bool svg, const char* gnuplot) {
  try {
    std::optional<std::string> bytes = run_gnuplot(script, gnuplot);
    if (!bytes) return {"", std::string(gnuplot_hint)};
    if (is_whole_picture(*bytes, svg)) return {std::move(*bytes)};
    return {"", "gnuplot's picture is cut off; is the disk of temporary files full?"};
  } catch (const SystemError& error) {
    return {"", error.what()};
  }
}

}  // namespace detail

/// Whether a file with this name is an SVG; otherwise it is a PNG. "-" means standard output and is an SVG.
/// InputError for another extension.
inline bool is_svg(const std::filesystem::path& file) {
  const std::string ending = files::is_standard_stream(file) ? ".svg" : file.extension().string();
  require(ending == ".svg" || ending == ".png", file.string(), ": a file called .svg or .png expected");
  return ending == ".svg";
}

/// Draws the chart into a .svg or .png file, which appears in one step. If gnuplot is absent or fails, the
/// data is written to a file of the same name with .dat, and the result gives the reason. InputError for
/// another extension. SystemError if the file cannot be written, or if there is no picture for standard
/// output.
inline DrawnChart draw(const Chart& chart, const std::filesystem::path& file,
                       const char* gnuplot = "gnuplot") {
  const bool svg = is_svg(file);
  const detail::Picture picture = detail::picture_of(gnuplot_script(chart, svg), svg, gnuplot);
  if (picture.why_none.empty()) {
    files::write_file_atomically(file, picture.bytes);
    return {file};
  }
  if (files::is_standard_stream(file)) throw SystemError(picture.why_none);
  std::filesystem::path data = file;
  data.replace_extension(".dat");
  files::write_file_atomically(data, chart_data(chart));
  return {data, picture.why_none};
}

}  // namespace memsizer::report
