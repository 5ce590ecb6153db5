import type { Tokens } from 'marked'

import { TokensView } from './token-view'

type Cell = Tokens.TableCell

const ALIGNED = { left: 'text-left', center: 'text-center', right: 'text-right' } as const

function aligned(cell: Cell): string | undefined {
  return cell.align ? ALIGNED[cell.align] : undefined
}

/** A table, which scrolls by itself where the page is too narrow. */
export function TableView({ table }: { table: Tokens.Table }) {
  return (
    <div className="my-4 overflow-x-auto rounded-lg border" tabIndex={0} role="group">
      <table>
        <thead>
          <tr>
            {table.header.map((cell, index) => (
              <th key={index} scope="col" className={aligned(cell)}>
                <TokensView tokens={cell.tokens} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} className={aligned(cell)}>
                  <TokensView tokens={cell.tokens} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
