package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// chart is a picture of curves over the number of tickets, both axes logarithmic.
type chart struct {
	title, unit string
	low, high   int // powers of ten at the ends of the vertical axis
	curves      []curve
}

type curve struct {
	name, color string
	points      []point // by rising x; what is not above zero is left out
}

type point struct{ x, y float64 }

// Sizes in pixels, and the powers of ten at the ends of the horizontal axis.
const (
	width, height           = 720, 400
	left, right, top, under = 70, 190, 46, 46
	fewest, most            = 3, 6
)

// svg draws the chart. Equal charts give equal bytes.
func (c chart) svg() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" role="img">`+"\n", width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n", html.EscapeString(c.title))
	fmt.Fprintf(&b, "<text x=\"%d\" y=\"24\" font-size=\"15\" fill=\"#222\">%s</text>\n", left, html.EscapeString(c.title))
	for p := fewest; p <= most; p++ {
		c.rule(&b, c.x(math.Pow10(p)), c.x(math.Pow10(p)), top, height-under)
		fmt.Fprintf(&b, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#444\">%s</text>\n", c.x(math.Pow10(p)), height-under+18, number(p))
	}
	for p := c.low; p <= c.high; p++ {
		y := c.y(math.Pow10(p))
		c.rule(&b, left, width-right, y, y)
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#444\">%s</text>\n", left-8, y+4, number(p))
	}
	fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"#444\">tickets</text>\n", (left+width-right)/2, height-10)
	fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" fill=\"#444\">%s</text>\n", left, top-6, html.EscapeString(c.unit))
	c.draw(&b)
	b.WriteString("</svg>\n")
	return b.String()
}

func (c chart) rule(b *strings.Builder, x1, x2, y1, y2 float64) {
	fmt.Fprintf(b, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>\n", x1, x2, y1, y2)
}

// draw draws the curves, and their names where they end, apart from each other.
func (c chart) draw(b *strings.Builder) {
	var names []float64
	for _, k := range c.curves {
		var path []string
		var x, y float64
		for _, p := range k.points {
			if p.y <= 0 {
				continue
			}
			x, y = c.x(p.x), c.y(p.y)
			path = append(path, fmt.Sprintf("%.1f,%.1f", x, y))
			fmt.Fprintf(b, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", x, y, k.color)
		}
		if len(path) == 0 {
			continue
		}
		fmt.Fprintf(b, "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n", strings.Join(path, " "), k.color)
		y = apart(y, names)
		names = append(names, y)
		fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\">%s</text>\n", x+10, y+4, k.color, html.EscapeString(k.name))
	}
}

// apart moves y down until it is a line away from all others.
func apart(y float64, others []float64) float64 {
	for moved := true; moved; {
		moved = false
		for _, o := range others {
			if math.Abs(o-y) < 14 {
				y, moved = o+14, true
			}
		}
	}
	return y
}

func (c chart) x(v float64) float64 {
	return left + (math.Log10(v)-fewest)/(most-fewest)*(width-left-right)
}

func (c chart) y(v float64) float64 {
	share := (math.Log10(v) - float64(c.low)) / float64(c.high-c.low)
	return height - under - min(max(share, 0), 1)*(height-under-top)
}

// number writes a power of ten.
func number(power int) string {
	switch {
	case power < 0:
		return "0." + strings.Repeat("0", -power-1) + "1"
	case power < 3:
		return "1" + strings.Repeat("0", power)
	case power < 6:
		return "1" + strings.Repeat("0", power-3) + " k"
	default:
		return "1" + strings.Repeat("0", power-6) + " M"
	}
}
