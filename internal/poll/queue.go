package poll

import (
	"container/heap"

	"socialboards_exporter/internal/fact"
)

// place is where an item waits.
type place uint8

// The places. All but nowhere and inHand are queues.
const (
	nowhere  place = iota
	timers         // reads that are not due yet, by the time at which they are to be judged again
	looks          // looks, by due time
	pressing       // looks that a first read or an unknown label waits for, by due time
	urgent         // due reads that a webhook or a clock caused, by due time
	fresh          // due reads of logs that were never read or have changed, by due time
	idle           // due reads without a cause, by due time
	overdue        // failures that are yet to be made good, by the time at which they fell due
	inHand         // being done
	places
)

// item is something that waits in at most one queue at a time: a look or a read of a
// ticket, a clock, a failure.
type item struct {
	key   fact.Instant // orders its queue
	owner *ticket
	pos   int32 // in its queue
	in    place
}

// queue is a heap of items, least key first.
type queue []*item

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].key < q[j].key }

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].pos, q[j].pos = int32(i), int32(j) //nolint:gosec // a queue holds far fewer than 2³¹ tickets
}

// Push is for container/heap.
func (q *queue) Push(x any) {
	it := x.(*item)
	it.pos = int32(len(*q)) //nolint:gosec // see Swap
	*q = append(*q, it)
}

// Pop is for container/heap.
func (q *queue) Pop() any {
	last := len(*q) - 1
	it := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return it
}

// queues are the places in which items wait.
type queues [places]queue

// put moves an item to a place, or within it.
func (q *queues) put(it *item, in place, key fact.Instant) {
	if it.in == in && in != nowhere && in != inHand {
		it.key = key
		heap.Fix(&q[in], int(it.pos))
		return
	}
	q.remove(it)
	it.in, it.key = in, key
	if in != nowhere && in != inHand {
		heap.Push(&q[in], it)
	}
}

// remove takes an item out of where it waits.
func (q *queues) remove(it *item) {
	if it.in != nowhere && it.in != inHand {
		heap.Remove(&q[it.in], int(it.pos))
	}
	it.in = nowhere
}

// head gives the first item of a queue; nil: it is empty.
func (q *queues) head(in place) *item {
	if len(q[in]) == 0 {
		return nil
	}
	return q[in][0]
}

// first gives the key of the first item of a queue; Never: it is empty.
func (q *queues) first(in place) fact.Instant {
	if it := q.head(in); it != nil {
		return it.key
	}
	return fact.Never
}
