package monitor

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// TestTaskTable compares the table with a map.
func TestTaskTable(t *testing.T) {
	var table taskTable
	want := map[int]*task{}
	ids := []int{0, 1, pageTIDs - 1, pageTIDs, tidMax - 1}
	for range 3000 {
		ids = append(ids, rand.IntN(4*pageTIDs))
	}
	for range 20000 {
		tid := ids[rand.IntN(len(ids))]
		if rand.IntN(2) == 0 {
			n := &task{tid: tid}
			table.set(tid, n)
			want[tid] = n
		} else {
			table.remove(tid)
			delete(want, tid)
		}
		if table.get(tid) != want[tid] || table.count != len(want) {
			t.Fatalf("id %d: %p and %d tasks, want %p and %d", tid, table.get(tid), table.count, want[tid], len(want))
		}
	}
	var all []int
	table.each(func(n *task) { all = append(all, n.tid) })
	if len(all) != len(want) || !slices.IsSorted(all) {
		t.Errorf("%d tasks listed, want %d in order", len(all), len(want))
	}
	for tid := range want {
		table.remove(tid)
	}
	for i := range table.pages {
		if table.pages[i].Load() != nil {
			t.Errorf("page %d is kept without a task", i)
		}
	}
}

func TestTaskTableStrangers(t *testing.T) {
	var table taskTable
	for _, tid := range []int{-1, tidMax, 1 << 40, -1 << 40} {
		if table.get(tid) != nil {
			t.Errorf("there is a task %d", tid)
		}
	}
}

// TestTaskTableReaders has the race detector look at readers beside a change.
func TestTaskTableReaders(t *testing.T) {
	var table taskTable
	var wait sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wait.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if n := table.get(7); n != nil && n.tid != 7 {
					t.Error("another task was found")
				}
			}
		})
	}
	for range 1000 {
		table.set(7, &task{tid: 7})
		table.remove(7)
	}
	close(stop)
	wait.Wait()
}

func BenchmarkTaskOf(b *testing.B) {
	m := &Monitor{}
	for tid := range 10000 {
		m.tasks.set(tid, &task{tid: tid})
	}
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for i := 0; p.Next(); i = (i + 1) % 10000 {
			if m.taskOf(i) == nil {
				b.Fatal("no task")
			}
		}
	})
}
