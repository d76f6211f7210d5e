-- Requests for wrk, made beforehand. Every other one continues a trace, of which one in ten is sampled, as the load
-- of the other servers does; the rest begin one. What to ask comes from the environment.
local count = tonumber(os.getenv("LOAD_COUNT") or "100")
local ready, turn = {}, 0

local function hex(digits)
  local text = "1"
  for _ = 2, digits do text = text .. string.format("%x", math.random(0, 15)) end
  return text
end

function init()
  math.randomseed(7)
  for index = 1, math.max(40, count) do
    local headers = { ["Host"] = "localhost", ["Accept"] = "application/json" }
    if index % 2 == 0 then
      local flags = index % 20 == 0 and "01" or "00"
      headers["traceparent"] = string.format("00-%s-%s-%s", hex(32), hex(16), flags)
    end
    local body, token = os.getenv("LOAD_BODY"), os.getenv("LOAD_TOKEN")
    if body then headers["Content-Type"] = "application/json" end
    if token then headers["Authorization"] = "Bearer " .. token end
    local path = os.getenv("LOAD_PATH"):gsub("{n}", tostring((index - 1) % count))
    ready[index] = wrk.format(os.getenv("LOAD_METHOD"), path, headers, body)
  end
end

function request()
  turn = turn % #ready + 1
  return ready[turn]
end

function done(summary)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  print(string.format("MEASURED %d %d %d", summary.requests, errors.status, broken))
end
